import { actorOfFinding, waitingFindingOf } from '../../../lambda/findings/finding-actor.ts';
import type { Finding } from '../../../lambda/model/finding.ts';
import { waitingRecord } from '../setup/delivery-fixture.ts';
import { sampleFinding } from '../setup/sample-finding.ts';

const [line] = sampleFinding.evidence;
if (line === undefined) throw new Error('the sample has no evidence');
const at = (logGroup: string, logStream = 'stream') => [{ ...line, logGroup, logStream }];
const actorOf = (changes: Partial<Finding> = {}) =>
  actorOfFinding({ ...sampleFinding, ...changes });
const keyOf = (changes: Partial<Finding>) => actorOf(changes).key;

test.each<[string, Finding['actor']]>([
  ['run', { dag: 'grant_admin', run: 'other', task: 'promote', attempt: 1 }],
  ['task', { dag: 'grant_admin', run: 'manual', task: 'other', attempt: 1 }],
  ['map index', { dag: 'grant_admin', run: 'manual', task: 'promote', mapIndex: 7 }],
])('a DAG is one actor, whatever the %s', (_, actor) => {
  expect(keyOf({ actor })).toBe(keyOf({}));
});

test('DAGs, DAG files, users, streams and log types are distinct, even with equal names', () => {
  const keys = [
    { actor: { dag: 'x' } },
    { actor: { dag: 'y' } },
    { actor: { dagFile: 'x' } },
    { actor: { user: 'x' } },
    { actor: {}, evidence: at('airflow-prod-Task', 'x') },
    { actor: {}, evidence: at('airflow-prod-Task', 'y') },
    { actor: {}, evidence: at('airflow-prod-Worker', 'x') },
  ].map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.every((key) => /^[0-9a-f]{16}$/.test(key))).toBe(true);
});

test.each([
  ['airflow-prod-Task', 'Task'],
  ['airflow-prod-WebServer', 'WebServer'],
  ['another-group', 'other'],
])('findings of log group %s come from %s', (logGroup, source) => {
  expect(actorOf({ evidence: at(logGroup) }).source).toBe(source);
});

test("the monitor's own findings come from the monitor, with one actor for each detection", () => {
  const own = (detection: string) => ({ detections: [detection], actor: {}, evidence: [] });
  expect(actorOf(own('log-flood')).source).toBe('monitor');
  expect(keyOf(own('log-flood'))).not.toBe(keyOf(own('coverage-gap')));
  expect(actorOf(own('log-flood')).shown).toBe('the monitor itself (log-flood)');
});

test.each<[string, Partial<Finding>]>([
  ['DAG grant_admin', {}],
  ['DAG file users.py', { actor: { dagFile: 'users.py' } }],
  ['Airflow user eve', { actor: { user: 'eve' } }],
  ['Airflow user "eve: nothing\\n"', { actor: { user: 'eve: nothing\n' } }],
  ['log stream worker-1', { actor: {}, evidence: at('airflow-prod-Worker', 'worker-1') }],
  ['an unknown log stream', { actor: {}, evidence: [] }],
])('is shown as %s', (shown, changes) => {
  expect(actorOf(changes).shown).toBe(shown);
});

test('only a finding that was never sent has the tick since which it waits', () => {
  const waiting = waitingFindingOf(waitingRecord(1));
  expect(waiting.waitingSinceEpochMs).toBe(Date.parse(sampleFinding.detectedAt));
  const update = waitingRecord(1, {}, { delivery: { status: 'pending', told: 'low' } });
  expect(waitingFindingOf(update).waitingSinceEpochMs).toBeUndefined();
});
