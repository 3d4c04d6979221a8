import type { Judgement } from './judgement.ts';

/**
 * Puts judgements of several things together that differ in the thing's name only.
 *
 * @param judged by name of the thing; evidence says `{}` where the names belong
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
