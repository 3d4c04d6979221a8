import type { DetectionInPlan } from '../../lambda/plan/detection-in-plan.ts';
import { requiredStrings } from '../../query-language/pack/required-strings.ts';
import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { readRegexp } from '../../query-language/regexp/regexp.ts';
import { toRe2 } from '../../query-language/regexp/write-regexp.ts';
import { regexpProgram } from './compile-regexp.ts';
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
