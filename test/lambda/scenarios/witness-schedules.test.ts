import fc from 'fast-check';
import { forbidden, throttled } from '../setup/fake-airflow.ts';
import { killAt } from '../setup/kill-at.ts';
import {
  command,
  grant,
  type HeldEvent,
  monitorWith,
  published,
  tickAt,
} from '../setup/pack-fixture.ts';
import { witnessConfig, witnessFixture } from '../setup/witness-fixture.ts';

/** A grant, and who sees it. */
interface Grant {
  readonly user: string;
  readonly role: 'Admin' | 'Op' | 'User';
  /** Minutes after 06:16. */
  readonly minute: number;
  /** What the logs have of it. */
  readonly line: 'success' | 'echo' | 'none';
  /** Whether it was a command, with a row of the audit log. */
  readonly isCommand: boolean;
  /** Seconds that its line comes late. */
  readonly lateSeconds: number;
}

/** What goes wrong in one quarter of an hour. */
type Fault =
  | 'none'
  | 'refused'
  | 'half-read'
  | 'throttled'
  | 'no-run'
  | 'run-twice'
  | 'monitor-first'
  | 'tick-killed'
  | 'tick-twice'
  | 'cursor-lost'
  | 'status-lost';

const faults = [
  ...([
    'none',
    'refused',
    'half-read',
    'throttled',
    'no-run',
    'run-twice',
    'monitor-first',
  ] as const),
  ...(['tick-killed', 'tick-twice', 'cursor-lost', 'status-lost'] as const),
];

const grantArbitrary: fc.Arbitrary<Omit<Grant, 'user'>> = fc.record({
  role: fc.constantFrom('Admin', 'Op', 'User'),
  minute: fc.integer({ min: 0, max: 43 }),
  line: fc.constantFrom('success', 'echo', 'none'),
  isCommand: fc.boolean(),
  lateSeconds: fc.constantFrom(0, 0, 30, 600),
});

const scheduleArbitrary = fc.record({
  grants: fc.array(grantArbitrary, { minLength: 1, maxLength: 4 }),
  faults: fc.array(fc.constantFrom<Fault>(...faults), { minLength: 4, maxLength: 4 }),
  calls: fc.integer({ min: 1, max: 150 }),
});

const startEpochMs = Date.parse('2026-03-01T06:16:00Z');
const quarterMs = 15 * 60_000;

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, -1);
}

function eventsOf({ user, role, minute, line, lateSeconds }: Grant): HeldEvent[] {
  if (line === 'none') return [];
  const atMs = startEpochMs + minute * 60_000;
  const visibleAt = iso(atMs + lateSeconds * 1000);
  const event = line === 'success' ? grant(user, iso(atMs), role) : command(user, iso(atMs), role);
  return [{ ...event, visibleAt }];
}

/** Runs the monitor and the witness through a schedule, and then until nothing waits any more. */
async function runSchedule(grants: readonly Grant[], planned: readonly Fault[], calls: number) {
  const base = monitorWith(grants.flatMap(eventsOf));
  const config = {
    ...base.monitor.config,
    everyMinutes: 15,
    nearSweep: { everyMinutes: 15, lagMinutes: 15 },
    witness: { auditLog: true, snapshot: true, everyMinutes: 15 },
  };
  const fixture = { ...base, monitor: { ...base.monitor, config } };
  const { airflow, runAt } = witnessFixture(fixture.table, witnessConfig);
  const users = (untilEpochMs: number) => [
    { username: 'admin', roles: ['Admin'] },
    ...grants.map(({ user, role, minute }) => ({
      username: user,
      roles: startEpochMs + minute * 60_000 < untilEpochMs ? [role, 'Viewer'].sort() : ['Viewer'],
    })),
  ];
  for (let at = 0; at < 16; at += 1) {
    const nowMs = Date.parse('2026-03-01T06:00:00Z') + at * quarterMs;
    const time = iso(nowMs).slice(11, 16);
    const fault = at < 2 ? 'none' : (planned[at - 2] ?? 'none');
    airflow.users = users(nowMs);
    airflow.rows = [];
    for (const [index, { user, role, minute, isCommand }] of grants.entries()) {
      const whenMs = startEpochMs + minute * 60_000;
      if (!isCommand || whenMs >= nowMs) continue;
      airflow.log(whenMs / 1000 + index, `${iso(whenMs)}Z`, [
        'users',
        'add-role',
        '-u',
        user,
        '-r',
        role,
      ]);
    }
    airflow.beforeAnswer = answersOf(fault, airflow);
    const tick = async () => {
      if (fault === 'tick-killed') {
        const kill = killAt(fixture, calls);
        await tickAt(fixture, time).catch(() => undefined);
        kill.revive();
      }
      // Its lease may be held by the run that was killed.
      await tickAt(fixture, time).catch(() => undefined);
      if (fault === 'tick-twice') await tickAt(fixture, time);
    };
    if (fault === 'cursor-lost') loseItems(fixture.table, 'witness-read', 'cursor');
    if (fault === 'status-lost') loseItems(fixture.table, 'witness', 'status');
    if (fault === 'monitor-first') await tick();
    if (fault !== 'no-run') await runAt(time);
    if (fault === 'run-twice') await runAt(time);
    if (fault !== 'monitor-first') await tick();
  }
  return published(fixture).filter(
    ({ detections: [first] }) => !/^(witness|unreadable)-/.test(first),
  );
}

function answersOf(fault: Fault, airflow: ReturnType<typeof witnessFixture>['airflow']) {
  let throttles = 2;
  const roles = Object.fromEntries(
    Object.entries(airflow.roles).filter(([name]) => !name.startsWith('brief')),
  );
  airflow.roles = roles;
  return () => {
    if (fault === 'refused') return forbidden;
    if (fault === 'throttled' && throttles-- > 0) return throttled;
    if (fault !== 'half-read') return undefined;
    // A role comes and goes with each answer, so that no reading is whole.
    const isThere = 'brief' in airflow.roles;
    airflow.roles = isThere ? roles : { ...roles, brief: [], ...manyRoles };
    return undefined;
  };
}

/** So many that they take two pages. */
const manyRoles = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`brief-${at}`, []]));

function loseItems(table: ReturnType<typeof monitorWith>['table'], pk: string, sk: string): void {
  for (const item of table.raw(pk)) if (item.sk?.S === sk) item.data = { S: 'lost' };
}

test('in any schedule each grant is told, once, at its full severity, and alone only if no line explains it', async () => {
  await fc.assert(
    fc.asyncProperty(scheduleArbitrary, async ({ grants: given, faults: planned, calls }) => {
      const grants = given.map((one, index) => ({ ...one, user: `user${index}` }));
      const told = await runSchedule(grants, planned, calls);
      for (const { user, role, line, isCommand } of grants) {
        const ofUser = told.filter(({ target }) => target === user);
        const ids = new Set(ofUser.map(({ id }) => id));
        const last = ofUser.at(-1);
        const of = { user, role, line, isCommand, told: ofUser.map(({ title }) => title) };
        expect({ ...of, findings: ids.size }).toEqual({ ...of, findings: 1 });
        expect({ ...of, severity: last?.severity, outcome: last?.outcome }).toEqual({
          ...of,
          severity: role === 'User' ? 'high' : 'critical',
          outcome: 'succeeded',
        });
        const kind =
          line !== 'none'
            ? /^(cli-role-granted|privilege-command-run)$/
            : isCommand
              ? /^audit-log-command$|^state-change$/
              : /^state-change$/;
        expect(last?.detections[0]).toMatch(kind);
        // A message for each step that made it worse, and none twice: but for a run that died before it could
        // store that it had sent one.
        const messages = ofUser.map(({ id, severity }) => `${id} ${severity}`);
        const mayRepeat = planned.includes('tick-killed');
        if (!mayRepeat) expect(new Set(messages).size).toBe(messages.length);
      }
    }),
    { numRuns: 25, seed: 20260301 },
  );
});
