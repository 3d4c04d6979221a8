/** The cells of a row from GetQueryResults, by field; anything that is not a cell is skipped. */
export function cellsOf(row: unknown): ReadonlyMap<string, string> {
  const cells = new Map<string, string>();
  for (const cell of Array.isArray(row) ? row : []) {
    const [field, value] =
      typeof cell === 'object' && cell !== null
        ? [Reflect.get(cell, 'field'), Reflect.get(cell, 'value')]
        : [];
    if (typeof field === 'string' && value !== undefined) cells.set(field, String(value));
  }
  return cells;
}
