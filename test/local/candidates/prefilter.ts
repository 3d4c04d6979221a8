import { scanPlan } from '../../../infra/function/scan-plan.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { GroupSearches } from '../../../local/candidates/group-search.ts';
import {
  type PreparedLiterals,
  prepareLiterals,
} from '../../../local/candidates/prepared-literals.ts';
import { LineScan, stop } from '../../../local/line-kernel/line-scan.ts';
import { type LogEvent, logOf } from '../../../local/log-event.ts';
import { layoutOf } from '../../../local/log-readers/exports/line-layout.ts';
import { unknownTypeGroup } from '../../../local/log-readers/report/read-report.ts';
import { AnyTypeVerdicts } from '../../../local/log-threads/any-type-verdicts.ts';
import { EventJudge } from '../../../local/log-threads/judge-events.ts';
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

/** What to search for, chosen from some recorded lines. */
export function preparedFor(candidates: readonly Candidate[]): PreparedLiterals {
  return prepareLiterals(candidates, (logType) => {
    const ofType = recordedLines.filter(({ logGroup }) => logGroup.endsWith(`-${logType}`));
    return ofType.slice(0, 100).map(({ message }) => Buffer.from(JSON.stringify(message)));
  });
}

/** Compares the prefilter and what it leaves to be judged with the verdicts on every line. */
export class Prefilter {
  readonly #searches: GroupSearches;
  readonly #judge: EventJudge;
  readonly #all: AnyTypeVerdicts;
  /** How many lines were compared, belong to a detection, and were passed over as JSON. */
  readonly counts = { lines: 0, matched: 0, passed: 0 };

  /**
   * @param hasLearnt whether it has seen the first lines of each group, which are all judged
   * @param prepared what to search for, if that is not learnt
   */
  constructor(candidates: readonly Candidate[], hasLearnt = true, prepared?: PreparedLiterals) {
    this.#searches = new GroupSearches(candidates, prepared);
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

  /** Whether a line with the message, as JSON, is passed over by a scan. */
  #isPassed(logGroup: string, json: string): boolean {
    const search = this.#searches.inGroup(logGroup);
    if (search === undefined) return false;
    const scan = LineScan.of(this.#searches.kernel);
    if (scan.owner !== this) {
      scan.begin(this, { firstEpochMs: 0, lastEpochMs: Infinity, latestEpochMs: Infinity });
      const layout = layoutOf(lineOf('"x"'));
      if (layout !== undefined) scan.addLayout(layout);
    }
    scan.groups.treat(0, search.treatment, true);
    const bytes = Buffer.from(`${lineOf(json)}\n`);
    const from = scan.kernel.input(bytes);
    let why = scan.scan(from, from + bytes.length);
    if (why === stop.newStream && scan.nameGroup('stream', 0)) why = scan.goOn();
    const isPassed =
      why === stop.hit ? !search.mayMatter(scan.messageFrom, scan.messageTo) : why === stop.atEnd;
    scan.takePassed(() => {});
    return isPassed;
  }
}

/** A line of an answer of CloudWatch. */
function lineOf(json: string): string {
  return `{"logStreamName":"s","timestamp":1795332000000,"message":${json}}`;
}

function eventOf({ logGroup, message }: Line): LogEvent {
  return { logGroup, logStream: 's', timestamp: Date.UTC(2026, 10, 22), message };
}
