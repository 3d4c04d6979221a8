import type { DetectionInPlan } from '../../lambda/findings/detection-in-plan.ts';
import { readSignals } from '../../lambda/findings/read-signals.ts';
import type { Signal } from '../../lambda/findings/signal.ts';
import { type LogType, logGroupName } from '../../lambda/log-types.ts';
import { documentedDetectionId, loadDetections } from '../../queries/load-detections.ts';
import { planDetection } from '../../queries/plan-detection.ts';
import type { Expression } from '../../query-language/ast.ts';
import { readFusibleQuery } from '../../query-language/fusible-query.ts';
import { readRegexp } from '../../query-language/regexp.ts';
import { toJavaScriptRegExp } from '../../query-language/write-regexp.ts';

/** The detections of the pack: all but the documented one. */
export const pack = loadDetections().filter(({ id }) => id !== documentedDetectionId);

export const plan: ReadonlyMap<string, DetectionInPlan> = new Map(
  pack.map((detection) => [detection.id, planDetection(detection)]),
);

type Condition = (message: string, log: string) => boolean;

const conditions = pack.map(({ id, query, logTypes }) => {
  const filters = readFusibleQuery(query).conditions.map((filter) => compile(filter, query));
  return { id, suffixes: logTypes.map((type) => `-${type}`), filters };
});

/** Evaluates a filter without an engine: a detection's `like` and its boolean operators. */
function compile(expression: Expression, text: string): Condition {
  if (expression.kind === 'binary') {
    const left = compile(expression.left, text);
    const right = compile(expression.right, text);
    if (expression.operator === 'and') return (m, log) => left(m, log) && right(m, log);
    if (expression.operator === 'or') return (m, log) => left(m, log) || right(m, log);
  }
  if (expression.kind === 'match' && expression.subject.kind === 'field') {
    const { negated, pattern } = expression;
    const isLog = expression.subject.name === '@log';
    const regexp =
      pattern.kind === 'regex' ? toJavaScriptRegExp(readRegexp(pattern, text)) : undefined;
    return (message, log) => {
      const value = isLog ? log : message;
      const found = regexp
        ? regexp.test(value)
        : value.includes(String(Reflect.get(pattern, 'value')));
      return found !== negated;
    };
  }
  throw new Error(`no ${expression.kind} in a filter of the pack`);
}

/** Ids of the detections whose filter and log types an event fits. */
export function detectionsOf(message: string, logGroup: string): readonly string[] {
  return conditions
    .filter(
      ({ suffixes, filters }) =>
        suffixes.some((suffix) => logGroup.endsWith(suffix)) &&
        filters.every((filter) => filter(message, logGroup)),
    )
    .map(({ id }) => id);
}

/** What the pack reads in a line. */
export function signalsOf(logType: LogType, message: string): readonly Signal[] {
  const logGroup = logGroupName('test', logType);
  const detections = detectionsOf(message, logGroup);
  return readSignals({ logGroup, logStream: 's', timestamp: 0, message, detections }, plan);
}
