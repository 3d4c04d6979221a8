/**
 * The names that a misspelt one is closest to, if any is close enough to be meant: at most a third of
 * its characters differ. Several names can be equally close.
 */
export function nearestNames<T extends string>(text: string, names: readonly T[]): T[] {
  const nearby = [...new Set(names)]
    .map((name) => ({ name, edits: editsBetween(text, name) }))
    .filter(({ name, edits }) => edits <= name.length / 3);
  const fewest = Math.min(...nearby.map(({ edits }) => edits));
  return nearby.flatMap(({ name, edits }) => (edits === fewest ? [name] : []));
}

/** ` (did you mean prod-airflow?)`; empty when no name is close to the text. */
export function didYouMean(text: string, names: readonly string[]): string {
  const nearest = nearestNames(text, names);
  return nearest.length === 0 ? '' : ` (did you mean ${nearest.join(' or ')}?)`;
}

/** How many characters to insert, delete or replace (Levenshtein distance). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (b[j - 1] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
