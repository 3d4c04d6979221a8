import {
  type PendingDenial,
  type PendingRequest,
  refusalOf,
} from '../../../lambda/correlate/refusal.ts';
import type { Signal } from '../../../lambda/model/signal.ts';

function eventAt(timestamp: number, message = `at ${timestamp}`) {
  const logStream = 'webserver_host_1.log';
  return {
    ...{ key: `${message} ${timestamp}`, logGroup: 'airflow-a-WebServer', logStream, timestamp },
    ...{ message, occurrences: 1 },
  };
}

const editUser = {
  detections: [],
  severity: 'high',
  verb: 'change-user',
  object: 'users',
} as const;

function request(epochMs: number, changes: Partial<Signal> = {}): PendingRequest {
  const signal: Signal = { ...editUser, kind: 'request', method: 'POST', status: 302, ...changes };
  return { signal, event: eventAt(epochMs) };
}

function denial(epochMs: number, message?: string): PendingDenial {
  return { signal: { ...editUser, kind: 'denial' }, event: eventAt(epochMs, message) };
}

const write = request(10_000);
const verdict = (denials: readonly PendingDenial[], others: readonly PendingRequest[] = []) =>
  refusalOf(write, denials, [...others, write]).verdict;

test('a redirect right after a denial of its own kind was refused', () => {
  expect(verdict([denial(9_970)])).toBe('refused');
  expect(refusalOf(write, [denial(9_970)], [write]).denials).toHaveLength(1);
});

test('a redirect without a denial was not refused', () => {
  expect(verdict([])).toBe('not refused');
});

test('a denial after a request belongs to a later one, whose line may not have arrived', () => {
  expect(verdict([denial(11_990)])).toBe('not refused');
});

test('a denial of something else explains nothing', () => {
  const role: Partial<Signal> = { verb: 'change-role', object: 'roles' };
  const other = { ...denial(9_970), signal: { ...denial(9_970).signal, ...role } };
  expect(verdict([other])).toBe('not refused');
});

test('a refused view of the form long before does not hide a write', () => {
  expect(verdict([denial(9_000)], [request(9_030, { method: 'GET' })])).toBe('not refused');
});

test('one denial right before two requests leaves open which of them it refused', () => {
  const look = request(9_990, { method: 'GET' });
  expect(verdict([denial(9_970)], [look])).toBe('uncertain');
  expect(refusalOf(write, [denial(9_970)], [look, write]).denials).toEqual([]);
});

test('as many denials as requests refuse them all', () => {
  const look = request(9_950, { method: 'GET' });
  expect(verdict([denial(9_900), denial(9_970)], [look])).toBe('refused');
  expect(refusalOf(write, [denial(9_900), denial(9_970)], [look, write]).denials).toEqual([
    denial(9_970),
  ]);
});

test.each([
  ['with the same stamp inside', denial(9_935, 'at 9930')],
  ['stamped anew', denial(9_935)],
])('a denial that is logged twice, %s, explains one request', (_, twin) => {
  const look = request(9_950, { method: 'GET' });
  expect(verdict([denial(9_930), twin], [look])).toBe('uncertain');
});

test('an answer other than a redirect decides by itself', () => {
  const answered = request(10_000, { status: 200 });
  expect(refusalOf(answered, [denial(9_970)], [answered]).verdict).toBe('not refused');
});

test.each([401, 403])('a denial may belong to a request that was answered by %s', (status) => {
  expect(verdict([denial(9_970)], [request(9_975, { status })])).toBe('uncertain');
});
