import { logGroupName } from '../../lambda/model/log-types.ts';
import { severityRank } from '../../lambda/model/severity.ts';
import type { SignalKind } from '../../lambda/model/signal.ts';
import type { DetectionInPlan } from '../../lambda/plan/scan-plan.ts';
import { compiledRegexp } from '../../lambda/regexp/linear-regexp.ts';
import { Verdicts } from '../../lambda/scan/pack-rows.ts';
import { eventCondition } from '../../query-language/pack/event-condition.ts';
import { requiredStrings } from '../../query-language/pack/required-strings.ts';
import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { readRegexp } from '../../query-language/regexp/parse-regexp.ts';
import { toRe2 } from '../../query-language/regexp/write-regexp.ts';
import { regexpProgram, withPrograms } from './compile-regexp.ts';
import type { Detection } from './detection-schema.ts';

/** A detection for the Lambda: plain data, with its parse commands as RE2 regexps. */
export function planDetection(detection: Detection): DetectionInPlan {
  const { id, title, severity, raise, attack, runbook, verb, place, query: text } = detection;
  const parses = parseQuery(text)
    .commands.filter((command) => command.kind === 'parse-regex')
    .map((command) => ({ command, regexp: readRegexp(command.pattern, text) }));
  return {
    id,
    title,
    severity,
    raise,
    signal: detection.signal ?? (detection.outcome ? 'outcome' : 'notice'),
    ...(verb === undefined ? {} : { verb }),
    parse: parses.map(({ command: { names, groups }, regexp }) => {
      const source = toRe2(regexp);
      return {
        ...{ source, program: regexpProgram(source) },
        groups: Object.fromEntries(names.map(({ name }, at) => [name, groups[at] ?? 0])),
      };
    }),
    ...(place === undefined ? {} : { place }),
    attack,
    runbook,
    anchors: [...(parses[0] ? (requiredStrings(parses[0].regexp.root) ?? []) : [])],
  };
}

/** A contradiction between a detection's fields, and where it is. */
interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
}

/**
 * Checks that a detection agrees with itself: `raise`, `verb` and `parsed` name fields of its parse,
 * and its own example lines are judged as it says.
 *
 * @param detection with a well-formed query
 * @returns an empty list for a detection that can be used
 */
export function contradictionsIn(detection: Detection): readonly Contradiction[] {
  const plan = planDetection(detection);
  return [
    ...namesWithoutParse(detection, plan),
    ...raisedWithoutOutcome(detection, plan),
    ...misjudgedLines(detection, plan),
  ];
}

/** Kinds of lines that report that something happened; other lines do not show how bad it was. */
const outcomeKinds: readonly SignalKind[] = ['outcome', 'partial', 'write', 'request'];

/** Fields that the Lambda itself reads from some kinds of lines, whatever the query's parse. */
const fieldsOfKind: Readonly<Partial<Record<SignalKind, readonly string[]>>> = {
  partial: ['role', 'resource'],
  request: ['role'],
};

function raisedWithoutOutcome(
  { raise, severity }: Detection,
  { signal }: DetectionInPlan,
): Contradiction[] {
  if (outcomeKinds.includes(signal)) return [];
  return raise.flatMap((rule, at) => {
    if (severityRank(rule.severity) <= severityRank(severity)) return [];
    const problem = `can be higher than "${severity}" only if the line says that it happened: outcome: true, or signal ${outcomeKinds.join(', ')}; got "${rule.severity}"`;
    return [{ path: ['raise', at, 'severity'], problem }];
  });
}

function namesWithoutParse(
  { raise, verb, tests }: Detection,
  { parse, signal }: DetectionInPlan,
): Contradiction[] {
  const names = parse.flatMap(({ groups }) => Object.keys(groups));
  const fields = new Set(names.map((name) => name.replace(/_\d+$/, '')));
  const raising = new Set([...fields, ...(fieldsOfKind[signal] ?? [])]);
  const known = (of: Iterable<string>) => `its fields are ${[...of].join(', ') || '-'}`;
  const found: Contradiction[] = [];
  raise.forEach(({ when }, at) => {
    for (const field of Object.keys(when)) {
      if (raising.has(field)) continue;
      const problem = `is not a field of the query's parse; ${known(raising)}`;
      found.push({ path: ['raise', at, 'when', field], problem });
    }
  });
  if (typeof verb === 'object' && !fields.has(verb.parsed)) {
    const problem = `must be a field of the query's parse, got "${verb.parsed}"; ${known(fields)}`;
    found.push({ path: ['verb', 'parsed'], problem });
  }
  tests.matches.forEach(({ parsed = {} }, at) => {
    for (const field of Object.keys(parsed)) {
      if (names.includes(field)) continue;
      const problem = `is not a field of the query's parse; ${known(names)}`;
      found.push({ path: ['tests', 'matches', at, 'parsed', field], problem });
    }
  });
  return found;
}

function misjudgedLines(detection: Detection, plan: DetectionInPlan): Contradiction[] {
  const { tests, logTypes } = detection;
  const matches = decide(detection);
  const found: Contradiction[] = [];
  tests.matches.forEach(({ logType, message, parsed = {} }, at) => {
    const path = ['tests', 'matches', at];
    if (!logTypes.includes(logType)) {
      const problem = `must be one of the detection's logTypes, got "${logType}"`;
      found.push({ path: [...path, 'logType'], problem });
    } else if (!matches(logType, message)) {
      found.push({ path: [...path, 'message'], problem: 'is not found by the query' });
    } else {
      const taken = parsedFrom(message, plan);
      for (const [field, value] of Object.entries(parsed)) {
        if (!(field in taken) || taken[field] === value) continue;
        const problem = `the query extracts ${JSON.stringify(taken[field] ?? null)}, not ${JSON.stringify(value)}`;
        found.push({ path: [...path, 'parsed', field], problem });
      }
    }
  });
  tests.ignores.forEach(({ logType, message }, at) => {
    if (!logTypes.includes(logType) || !matches(logType, message)) return;
    found.push({ path: ['tests', 'ignores', at, 'message'], problem: 'is found by the query' });
  });
  return found;
}

/** Decides as the Lambda does: the documented query counts, and has filters like any other. */
function decide({ id, query: text }: Detection) {
  const query = parseQuery(text);
  const and = query.commands.flatMap((command) =>
    command.kind === 'filter' ? [withPrograms(eventCondition(query, command.condition))] : [],
  );
  const verdicts = new Verdicts([{ id, condition: { and } }]);
  return (logType: Detection['logTypes'][number], message: string) => {
    const logGroup = logGroupName('any', logType);
    const event = { message, log: logGroup, logGroup, logStream: 'any' };
    return verdicts.decide(event).detections.length > 0;
  };
}

/** Each parse command's first match, by the names that the console shows. */
function parsedFrom(
  message: string,
  { parse }: DetectionInPlan,
): Readonly<Record<string, string | undefined>> {
  return Object.assign(
    {},
    ...parse.map(({ program, groups }) => {
      const [match] = compiledRegexp(program).matches(message, { max: 1 });
      return Object.fromEntries(
        Object.entries(groups).map(([name, group]) => [name, match?.groups[group]]),
      );
    }),
  );
}
