import { scanPlan } from '../../infra/scan-plan.ts';
import { type PackText, packText, partsOf } from '../../lambda/pack-text.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import { Verdicts } from '../../lambda/verdicts.ts';
import { loadDetections } from '../../queries/load-detections.ts';
import type { LogLine } from './log-line.ts';

/** What the documented query looks for. */
export const documentedLiteral = 'add-role';

export const documentedQuery = 'the documented query';

const plan = scanPlan(loadDetections(), { detections: { disable: [] } });
const verdicts = new Verdicts(plan.candidates);

/** The detections that a line belongs to; the same line is asked for again and again. */
export function detectionsOf(line: LogLine): ReadonlySet<string> {
  const known = decided.get(line);
  if (known !== undefined) return known;
  const { message, logGroup, logStream } = line;
  const verdict = verdicts.decide({ message, log: logGroup, logGroup, logStream });
  const found = new Set(verdict.detections);
  decided.set(line, found);
  return found;
}

const decided = new WeakMap<LogLine, ReadonlySet<string>>();

/** So many lines of one detection in one second are more than any answer holds. */
export function leastLost(packRowsMax: number): number {
  const [first] = plan.candidates;
  if (first === undefined) throw new Error('the pack is empty');
  const [part] = partsOf(packText([first], packRowsMax), [first], packRowsMax);
  return part?.rowsMax ?? packRowsMax;
}

type PackPlan = Pick<ScanPlan, 'candidates' | 'packRowsMax'>;

/** The text that a slice is asked by. */
export function wholeText({ candidates, packRowsMax }: PackPlan): PackText {
  return packText(candidates, packRowsMax);
}

/** The parts that a text is asked by where its answer was cut off. */
export function partsIn(text: PackText, { candidates, packRowsMax }: PackPlan): PackText[] {
  return partsOf(text, candidates, packRowsMax);
}

/** A text and its parts, and theirs. */
export function withParts(text: PackText, pack: PackPlan): PackText[] {
  return [text, ...partsIn(text, pack).flatMap((part) => withParts(part, pack))];
}

/** Texts of a plan that are asked last, where everything larger was cut off. */
export function smallestTexts(pack: PackPlan): string[] {
  return withParts(wholeText(pack), pack).flatMap(({ queryString, rowsMax }) =>
    rowsMax === undefined ? [] : [queryString],
  );
}

/** The detections of the product, with answers of fewer rows. */
export function simulatedPlan(packRowsMax: number): ScanPlan {
  return { ...plan, documentedQuery, packRowsMax };
}
