import { examine } from '../../doctor/examine.ts';
import { fixture } from '../../doctor/fixtures/fixtures.ts';
import { knownValue } from '../../doctor/fixtures/parts/change.ts';
import type { Report } from '../../doctor/report.ts';
import { type Observed, observedSchema } from '../../doctor/shapes/observation.ts';

type Path = readonly (string | number)[];

/**
 * The path to every member and list item, at any depth; of a list of numbers or texts, such as the
 * hours of a week, to the first and the last.
 */
function* pathsIn(value: unknown, at: Path = []): Generator<Path> {
  if (typeof value !== 'object' || value === null) return;
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  const keys = Object.keys(value);
  for (const key of isPlainList ? new Set([...keys.slice(0, 1), ...keys.slice(-1)]) : keys) {
    const path = [...at, Array.isArray(value) ? Number(key) : key];
    yield path;
    yield* pathsIn((value as Record<string, unknown>)[key], path);
  }
}

/** A copy with one member replaced, or removed when `put` is undefined. */
function changed(value: object, path: Path, put: unknown): unknown {
  const copy = structuredClone(value) as Record<string | number, unknown>;
  let parent = copy;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (put === undefined) delete parent[last];
  else parent[last] = put;
  return copy;
}

/** The reports on a fixture with one member missing or replaced by rubbish, for every member. */
function* reportsOf(name: string): Generator<{ what: string; report: Report }> {
  const whole = JSON.parse(JSON.stringify(fixture(name)));
  for (const path of pathsIn(whole)) {
    for (const put of typeof path.at(-1) === 'number' ? ['rubbish'] : [undefined, 'rubbish']) {
      const { success, data } = observedSchema.safeParse(changed(whole, path, put));
      if (success)
        yield { what: `${path.join('.')}: ${put ?? 'not there'}`, report: examine(data) };
    }
  }
}

test('no missing or invalid field makes a check throw or hides a problem', () => {
  const usual = examine(observedSchema.parse(fixture('old-key')));
  const troubled = usual.checks.filter(({ result }) => result !== 'pass').map(({ id }) => id);
  const wrong: string[] = [];
  let count = 0;
  for (const { what, report } of reportsOf('old-key')) {
    count += 1;
    for (const { id, result, evidence, fixes, missing } of report.checks) {
      const broken = missing.some(({ action }) => action === `the check ${id}`);
      const nonsense = /undefined|NaN|\[object/.test(JSON.stringify([evidence, fixes]));
      const hidden = result === 'pass' && troubled.includes(id);
      if (broken || nonsense || hidden) wrong.push(`${what}: ${id} ${result}: ${evidence[0]}`);
    }
  }

  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(300);
});

/**
 * By fixture: the check that finds its problem, and a change that makes the evidence unreadable.
 */
const blurred: Readonly<Record<string, [id: string, blur: (observed: Observed) => void]>> = {
  'alarm-muted': [
    'monitor-deployed',
    ({ monitor }) => {
      for (const alarm of knownValue(monitor.alarms)) delete alarm.ActionsEnabled;
    },
  ],
  'alarm-rings': [
    'monitor-alarms',
    ({ monitor }) => {
      for (const alarm of knownValue(monitor.alarms)) alarm.StateValue = 'ASLEEP';
    },
  ],
  'masked-logs': [
    'log-data-protection',
    ({ logGroups }) => {
      for (const group of knownValue(logGroups)) group.dataProtectionStatus &&= 'STARTING';
    },
  ],
  'logs-sent-away': [
    'log-subscription-filters',
    ({ subscriptionFilters }) => {
      for (const filters of Object.values(subscriptionFilters)) {
        for (const filter of knownValue(filters)) delete filter.destinationArn;
      }
    },
  ],
  'bucket-other-key': [
    'bucket-key',
    ({ buckets }) => {
      for (const { encryption } of Object.values(buckets)) {
        const [rule] = knownValue(encryption).Rules ?? [];
        if (rule) rule.ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'quantum' };
      }
    },
  ],
  'key-alias': [
    'key-reference',
    ({ environment }) => {
      knownValue(environment).KmsKey = 'the key of prod';
    },
  ],
};

test.each(Object.entries(blurred))('unreadable evidence does not pass: %s', (name, [id, blur]) => {
  const shared = fixture(name);
  if (shared === undefined) throw new Error(`there is no fixture ${name}`);
  // Variations share objects, and other suites of the worker read them.
  const observed = structuredClone(shared);
  const resultOf = () => examine(observed).checks.find((check) => check.id === id)?.result;
  const before = resultOf();

  blur(observed);

  expect(['fail', 'warn']).toContain(before);
  expect(['warn', 'unknown']).toContain(resultOf());
});
