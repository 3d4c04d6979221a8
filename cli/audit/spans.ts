import type { Window } from '../../lambda/model/windows.ts';

/** Half-open spans of time, in order; no two of them touch. */
export type Spans = readonly Window[];

/** The union of the spans and the added one. */
export function addSpan(spans: Spans, added: Window): Window[] {
  if (added.startEpochMs >= added.endEpochMs) return [...spans];
  const apart = spans.filter(
    ({ startEpochMs, endEpochMs }) =>
      endEpochMs < added.startEpochMs || startEpochMs > added.endEpochMs,
  );
  const joined = spans.filter((span) => !apart.includes(span));
  const startEpochMs = Math.min(added.startEpochMs, ...joined.map((span) => span.startEpochMs));
  const endEpochMs = Math.max(added.endEpochMs, ...joined.map((span) => span.endEpochMs));
  return [...apart, { startEpochMs, endEpochMs }].sort((a, b) => a.startEpochMs - b.startEpochMs);
}

/** The parts of a window that are in none of the spans. */
export function withoutSpans({ startEpochMs, endEpochMs }: Window, spans: Spans): Window[] {
  const left: Window[] = [];
  let from = startEpochMs;
  for (const span of spans) {
    if (span.endEpochMs <= from) continue;
    if (span.startEpochMs >= endEpochMs) break;
    if (span.startEpochMs > from) left.push({ startEpochMs: from, endEpochMs: span.startEpochMs });
    from = span.endEpochMs;
  }
  return from < endEpochMs ? [...left, { startEpochMs: from, endEpochMs }] : left;
}

/** The length of the overlap of two windows, in milliseconds. */
export function overlapMs(a: Window, b: Window): number {
  const startEpochMs = Math.max(a.startEpochMs, b.startEpochMs);
  return Math.max(0, Math.min(a.endEpochMs, b.endEpochMs) - startEpochMs);
}

export function lengthMs({ startEpochMs, endEpochMs }: Window): number {
  return endEpochMs - startEpochMs;
}
