/** A range of a text: `start` inclusive, `end` exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Sorts ranges and merges those that touch or overlap; empty ones are dropped. */
export function mergeRanges(ranges: readonly TextRange[]): TextRange[] {
  const merged: TextRange[] = [];
  const inOrder = ranges.every((range, index) => range.start >= (ranges[index - 1]?.start ?? 0));
  for (const range of inOrder ? ranges : ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else if (range.end > range.start) {
      merged.push(range);
    }
  }
  return merged;
}
