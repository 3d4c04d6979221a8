/** The seeds of so many schedules: numbers in a row, so that a run of them can be named by its first. */
export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
