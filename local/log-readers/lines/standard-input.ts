/** The path that stands for the standard input. */
export const standardInput = '-';
