/**
 * The address of the runbooks of the commit that the construct's package was made from; undefined in this
 * project itself, where the checkout says it. `npm run package` writes it.
 */
export const packagedRunbooks: string | undefined = undefined;
