import type { Judgement } from '../shapes/judgement.ts';

/**
 * Merges judgements of several things that differ only in the thing's name.
 *
 * @param judged pairs of a thing's name and its judgement; `{}` in evidence is replaced by the
 *   names
 */
export function together(judged: readonly (readonly [name: string, Judgement])[]): Judgement[] {
  const names = new Map<string, string[]>();
  const first = new Map<string, Judgement>();
  for (const [name, judgement] of judged) {
    const { result, evidence } = judgement;
    const sentence = `${result} ${evidence}`;
    names.set(sentence, [...(names.get(sentence) ?? []), name]);
    if (!first.has(sentence)) first.set(sentence, judgement);
  }
  return Array.from(first, ([sentence, judgement]) => ({
    ...judgement,
    evidence: judgement.evidence.replace('{}', () => (names.get(sentence) ?? []).join(', ')),
  }));
}
