import { higherSeverity } from './change.ts';
import type { DetectionInPlan } from './detection-in-plan.ts';
import type { Severity } from './finding.ts';
import type { Fields } from './parse-fields.ts';

/**
 * The first rule of `raise` that fits decides, upwards or downwards.
 *
 * @param mayLower false where a rule must not make less of the line than the detection does
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

/** What Airflow's secrets masker writes for any text that a DAG's author calls a secret. */
const mask = '***';

/** Whether a text, of which parts may be masked, can stand for a value. */
function canBe(text: string, value: string): boolean {
  if (!text.includes(mask)) return text === value;
  const parts = text.split(mask);
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= value.length - last.length;
}

/** What a line does, by its detection and what was parsed out of it. */
export function verbOf({ verb }: DetectionInPlan, fields: Fields): string | undefined {
  if (verb === undefined || typeof verb === 'string') return verb;
  const parsed = fields[verb.parsed] ?? '';
  return Object.hasOwn(verb.values, parsed) ? verb.values[parsed] : undefined;
}
