/**
 * Whether an event matches a pattern, as EventBridge compares the forms that the stack uses.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matchesPattern(pattern: object, event: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === '$or') return (wanted as object[]).some((one) => matchesPattern(one, event));
    const value = typeof event === 'object' && event !== null ? Object(event)[key] : undefined;
    if (isAbsence(wanted)) return value === undefined;
    if (!Array.isArray(wanted)) return matchesPattern(wanted as object, value);
    const given = Array.isArray(value) ? value : [value];
    return given.some((one) => wanted.some((match) => matchesOne(match, one)));
  });
}

function isAbsence(wanted: unknown): boolean {
  return JSON.stringify(wanted) === '[{"exists":false}]';
}

function matchesOne(match: unknown, value: unknown): boolean {
  if (typeof match !== 'object' || match === null) return match === value;
  if (typeof value !== 'string') return false;
  const [[operator, operand] = []] = Object.entries(match);
  if (operator === 'prefix') return value.startsWith(String(operand));
  if (operator === 'suffix') return value.endsWith(String(operand));
  if (operator === 'anything-but') return value !== operand;
  if (operator === 'wildcard') {
    const parts = String(operand)
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's').test(value);
  }
  throw new Error(`no such operator here: ${operator}`);
}
