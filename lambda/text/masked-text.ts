/**
 * What Airflow's secrets masker writes in place of any text that a DAG's author declares a secret.
 */
export const mask = '***';

/** Whether a text is masked, in part or as a whole, and may be one of these values. */
export function maskedAs(text: string, values: Iterable<string>): boolean {
  if (!text.includes(mask)) return false;
  for (const value of values) if (canBe(text, value)) return true;
  return false;
}

/** Whether a text, parts of which may be masked, may be a value. */
export function canBe(text: string, value: string): boolean {
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
