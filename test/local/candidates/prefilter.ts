import { scanPlan } from '../../../infra/function/scan-plan.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { GroupSearches } from '../../../local/candidates/sampled-search.ts';
import { type LogEvent, logOf } from '../../../local/log-event.ts';
import { WordBytes } from '../../../local/log-readers/exports/json-string.ts';
import { unknownTypeGroup } from '../../../local/log-readers/report/read-report.ts';
import { AnyTypeVerdicts } from '../../../local/replay/any-type-verdicts.ts';
import { EventJudge } from '../../../local/replay/judge-events.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { readLabelledSession, sessionVersions } from '../../fixtures/sessions/labelled-session.ts';

export const detections = loadDetections();
export const plan = scanPlan(detections, { detections: { disable: [] }, approvedChanges: [] });

export const logGroups = [
  ...logTypes.map((logType) => logGroupName('Prod', logType)),
  unknownTypeGroup('Prod'),
];

type Line = Pick<LogEvent, 'logGroup' | 'message'>;

export const recordedLines: readonly Line[] = sessionVersions.flatMap(
  (version) => readLabelledSession(version).events,
);

/** The example lines of all detections, those that match and those that do not, in every log group. */
export const catalogueLines: readonly Line[] = detections
  .flatMap(({ tests }) => [...tests.matches, ...tests.ignores])
  .flatMap(({ message }) => logGroups.map((logGroup) => ({ logGroup, message })));

/** A generator of the same numbers each time, from 0 to below 1. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const oddPieces = [
  ...['', ' ', '\n', '\r\n', '\t', '"', '\\', '\\n', "'", '/', '<', '&', '***', '\u001b[1m'],
  ...['\0', '\ud800', '\udc00', '😀', 'ſ', 'K', 'é', '\ufffd', '\u2028', 'U&', 'ab_', "ab'", '%55'],
];

/** Endless lines made of pieces of recorded and example lines, some in another case. */
export function* randomLines(seed: number): Generator<Line> {
  const random = numbersFrom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const cut = (text: string) => {
    const start = Math.floor(random() ** 2 * text.length);
    return text.slice(start, start + 1 + Math.floor(random() * 80));
  };
  for (;;) {
    const pieces = Array.from({ length: 1 + Math.floor(random() * 5) }, () => {
      const kind = random();
      if (kind < 0.2) return pick(oddPieces);
      const { message } = pick(kind < 0.8 ? catalogueLines : recordedLines);
      const piece = random() < 0.3 ? message : cut(message);
      if (kind > 0.95) return piece.toUpperCase();
      return kind > 0.92 ? piece.replaceAll('s', 'ſ').replaceAll('k', 'K') : piece;
    });
    yield { logGroup: pick(logGroups), message: pieces.join('') };
  }
}

/** How other programs write a text as JSON. */
export const encoders: Readonly<Record<string, (text: string) => string>> = {
  JavaScript: (text) => JSON.stringify(text),
  Python: (text) => escapedBy(text, (unit) => unit >= 0x7f),
  Go: (text) => escapedBy(text, (unit) => '<>&\u2028\u2029'.includes(String.fromCharCode(unit))),
  PHP: (text) => escapedBy(text, (unit) => unit >= 0x80).replaceAll('/', '\\/'),
  '.NET': (text) =>
    escapedBy(text, (unit) => unit >= 0x7f || '"&\'+<>`'.includes(String.fromCharCode(unit))),
  'a program that escapes everything': (text) =>
    escapedBy(text, () => true)
      .toUpperCase()
      .replaceAll('\\U', '\\u'),
};

function escapedBy(text: string, isEscaped: (unit: number) => boolean): string {
  const unitEscape = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`;
  const written = Array.from(text, (character) => {
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
    if (units.some(isEscaped)) return units.map(unitEscape).join('');
    return JSON.stringify(character).slice(1, -1);
  });
  return `"${written.join('')}"`;
}

/** Compares the prefilter and what it leaves to be judged with the verdicts on every line. */
export class Prefilter {
  readonly #searches: GroupSearches;
  readonly #judge: EventJudge;
  readonly #all: AnyTypeVerdicts;
  /** How many lines were compared, belong to a detection, and were passed over as JSON. */
  readonly counts = { lines: 0, matched: 0, passed: 0 };

  /** @param hasLearnt whether it has seen the first lines of each group, which are all judged */
  constructor(candidates: readonly Candidate[], hasLearnt = true) {
    this.#searches = new GroupSearches(candidates);
    this.#judge = new EventJudge(candidates, this.#searches);
    this.#all = new AnyTypeVerdicts(candidates);
    if (!hasLearnt) return;
    // What is searched for is known after them.
    for (const logGroup of logGroups) {
      const lines = recordedLines.filter((line) => line.logGroup === logGroup);
      const sample = (lines.length > 0 ? lines : recordedLines).slice(0, 200);
      for (const { message } of sample) this.#judge.judge(eventOf({ logGroup, message }));
    }
  }

  /** @returns what differs, or undefined */
  difference(line: Line, written: Readonly<Record<string, string>>): string | undefined {
    const { logGroup } = line;
    const message = line.message.toWellFormed();
    const event = { message, logGroup, log: logOf(logGroup), logStream: 's' };
    const expected = this.#all.decide(event).detections;
    const judged = this.#judge.judge(eventOf(line))?.verdict.detections ?? [];
    this.counts.lines += 1;
    if (expected.length > 0) this.counts.matched += 1;
    if (judged.join() !== expected.join()) {
      return `${JSON.stringify(line)}: judged as ${judged.join()}, not as ${expected.join()}`;
    }
    for (const [program, json] of Object.entries(written)) {
      const isPassed = this.#isPassed(logGroup, json);
      if (isPassed) this.counts.passed += 1;
      if (isPassed && expected.length > 0) {
        return `${JSON.stringify(line)} written by ${program} is passed over, and belongs to ${expected.join()}`;
      }
    }
    return undefined;
  }

  #isPassed(logGroup: string, json: string): boolean {
    const bytes = Buffer.from(`${json}\n`);
    const scanned = { end: -1, hasHidden: false, textBytes: 0 };
    new WordBytes(bytes).scanString(1, scanned);
    if (scanned.hasHidden || scanned.end < 0) return false;
    const search = this.#searches.inGroup(logGroup);
    return search !== undefined && !search.mayMatterAsJson(bytes, 0, scanned.end + 1);
  }
}

function eventOf({ logGroup, message }: Line): LogEvent {
  return { logGroup, logStream: 's', timestamp: Date.UTC(2026, 10, 22), message };
}
