import type { LiveAnswer } from './invoke-rest-api.ts';

/**
 * The form of an answer, without anything that it says: names of fields, types, how many. A text is only told
 * apart from a time.
 *
 * @returns one line: `{total_entries: number, users: [3 × {username: text, roles: [1 × {name: text}]}]}`
 */
export function formOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const forms = [...new Set(value.map(formOf))];
    return forms.length === 0 ? '[]' : `[${value.length} × ${forms.join(' or ')}]`;
  }
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([key, one]) => `${fieldName(key)}: ${formOf(one)}`);
    return `{${members.join(', ')}}`;
  }
  if (typeof value === 'string') return isoTime.test(value) ? 'time' : 'text';
  return typeof value;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** A field of an API is a word; anything else may be a name of somebody's. */
function fieldName(key: string): string {
  return /^[A-Za-z_][A-Za-z_]{0,39}$/.test(key) ? key : '(a name)';
}

/** The form of an answer of MWAA: its status, its error, Airflow's status, and the body. */
export function formOfAnswer(answer: LiveAnswer): string {
  const { httpStatus, errorType, airflowStatus, body, milliseconds } = answer;
  const parts = [
    httpStatus === undefined ? 'no answer' : `HTTP ${httpStatus}`,
    ...(errorType === undefined ? [] : [errorType]),
    ...(airflowStatus === undefined ? [] : [`Airflow ${airflowStatus}`]),
    `${milliseconds} ms`,
  ];
  return `${parts.join(', ')}${body === undefined ? '' : `: ${formOf(body)}`}`;
}
