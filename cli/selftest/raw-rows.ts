/** The cells of a row by their fields, as GetQueryResults gives them; what is no cell is passed over. */
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
