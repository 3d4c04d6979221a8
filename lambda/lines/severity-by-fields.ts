import type { Severity } from '../model/finding.ts';
import { higherSeverity } from '../model/finding.ts';
import type { Verb } from '../model/verbs.ts';
import type { DetectionInPlan } from '../plan/detection-in-plan.ts';
import { canBe, mask } from '../text/masked-text.ts';
import type { Fields } from './parse-fields.ts';

/**
 * The first rule of `raise` that fits decides the severity, up or down.
 *
 * @param mayLower false if a rule must not make the line milder than the detection does
 */
export function severityOf(
  { severity, raise }: DetectionInPlan,
  fields: Fields,
  mayLower: boolean,
): Severity {
  const fitting = raise.filter(({ when }) =>
    Object.entries(when).every(([field, values]) =>
      values.some((value) => canBe(fields[field] ?? '', value)),
    ),
  );
  const isMasked = Object.values(fields).some((value) => value.includes(mask));
  if (isMasked) {
    return fitting.reduce((worst, rule) => higherSeverity(worst, rule.severity), severity);
  }
  const [rule] = fitting;
  if (rule === undefined) return severity;
  return mayLower ? rule.severity : higherSeverity(rule.severity, severity);
}

/** What a line does, by its detection and the fields that were parsed from it. */
export function verbOf({ verb }: DetectionInPlan, fields: Fields): Verb | undefined {
  if (verb === undefined || typeof verb === 'string') return verb;
  const parsed = fields[verb.parsed] ?? '';
  return Object.hasOwn(verb.values, parsed) ? verb.values[parsed] : undefined;
}
