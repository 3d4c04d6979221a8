import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { unzipped, zipped } from '../../../lambda/ledger/witness-items.ts';
import { bothWith, quarters, told } from '../setup/both-witnesses.ts';
import { putValues } from '../setup/monitor-fixture.ts';
import { command, grant, published, tickAt } from '../setup/pack-fixture.ts';
import { witnessItems } from '../setup/witness-fixture.ts';

const admin = { username: 'admin', roles: ['Admin'] };
const holder = (username: string, ...roles: string[]) => ({ username, roles });

/** A monitor with a second witness, at 06:15, when bob and mallory have no powerful role. */
async function begun(...given: Parameters<typeof bothWith>) {
  const both = bothWith(...given);
  both.airflow.users = [admin, holder('bob', 'Viewer'), holder('mallory', 'Viewer')];
  await both.run('06:00', '06:15');
  return both;
}

const ofMallory = { target: 'mallory', severity: 'critical' };

describe('whoever writes Airflow’s database', () => {
  test.each(['__proto__', 'constructor', 'toString', 'a\nb', '<b>x</b>', '𝒜dmin'])(
    'cannot hide a strong role by calling it %j',
    async (role) => {
      const both = await begun();
      both.airflow.roles = Object.fromEntries([
        ...Object.entries(both.airflow.roles),
        [role, ['can_edit on Users']],
      ]);
      both.airflow.users = [admin, holder('bob', 'Viewer'), holder('mallory', role, 'Viewer')];
      await both.run('06:30', '08:00');
      expect(told(both)).toContainEqual(expect.objectContaining({ ...ofMallory, role }));
      expect(told(both)).toContainEqual(
        expect.objectContaining({
          severity: 'critical',
          role,
          title: expect.stringMatching(/new/),
        }),
      );
    },
  );

  test.each([
    ['with a line break', 'x\n\nSeverity: low'],
    ['with markup and a link', '<a href="https://evil.test">x</a>'],
    ['of 10,000 characters', 'm'.repeat(10_000)],
    ['with half of a surrogate pair', 'm\ud800'],
    ['that writes right to left', 'nimda\u202e'],
  ])('cannot hide a user %s', async (_, username) => {
    const both = await begun();
    both.airflow.users = [...both.airflow.users, holder(username, 'Admin')];
    await both.run('06:30', '08:00');
    const ofUser = told(both).filter(({ role }) => role === 'Admin');
    expect(ofUser).toMatchObject([{ severity: 'critical', detections: ['state-change'] }]);
    expect(ofUser[0]?.title).not.toMatch(/[\n\u202e\ud800]|https:\/\//);
  });

  test('cannot make users or roles too large to be stored', async () => {
    const both = await begun();
    let at = 0;
    const noise = (length: number) => {
      const letters = Array.from({ length }, () => {
        at = (at * 1_103_515_245 + 12_345) % 2_147_483_648;
        return String.fromCodePoint(0x20000 + (at % 40_000));
      });
      return letters.join('');
    };
    both.airflow.roles.Viewer = Array.from({ length: 20_000 }, () => `can_read on ${noise(20)}`);
    const long = Array.from({ length: 400 }, (_, each) => ({
      ...holder(`u-${each}-${noise(300)}`, 'Viewer'),
      email: noise(512),
    }));
    both.airflow.users = [admin, holder('mallory', 'Admin'), ...long];
    const report = await both.witness.runAt('06:30');
    expect(report).toMatchObject({ users: 402, causes: [] });
    const sizes = witnessItems(both.table, 'piece#').map(({ zip }) => Buffer.byteLength(zip));
    expect(Math.max(...sizes)).toBeLessThan(390_000);
    for (const time of quarters('06:30', '08:00')) await tickAt(both.fixture, time);
    expect(told(both)).toContainEqual(expect.objectContaining(ofMallory));
  });

  test('cannot postpone a row of the audit log by dating it to the future', async () => {
    const both = await begun([], { auditLog: true, snapshot: false });
    const argv = ['users', 'add-role', '-u', 'mallory', '-r', 'Admin'];
    both.airflow.log(1, '2046-01-01T00:00:00Z', argv);
    both.airflow.log(2, '1970-01-01T00:00:00Z', argv.with(3, 'eve'));
    await both.run('06:30', '08:00');
    expect(
      told(both)
        .map(({ target }) => target)
        .sort(),
    ).toEqual(['eve', 'mallory']);
  });

  test('cannot stop the witness by rows of megabytes', async () => {
    const both = await begun([], { auditLog: true, snapshot: false });
    both.airflow.log(1, '2026-03-01T06:20:00Z', [
      ...['users', 'add-role', '-u', 'x'.repeat(5_000_000), '-r', 'Admin'],
    ]);
    both.airflow.log(2, '2026-03-01T06:21:00Z', ['users', 'add-role', '-u', 'eve', '-r', 'Op']);
    await both.run('06:30', '08:00');
    expect(told(both)).toHaveLength(2);
    expect(putValues(both.fixture.cloudWatch).WitnessBlind).toBe(0);
  });

  test('rings by pages that never fit together, whatever the numbers in the cause', async () => {
    const both = await begun();
    let count = 0;
    both.airflow.beforeAnswer = ({ Path }) => {
      count += 1;
      both.airflow.users = [
        admin,
        ...Array.from({ length: 150 + count }, (_, at) => holder(`u${at}`)),
      ];
      if (Path === '/roles') both.airflow.roles[`r${count}`] = [];
      return undefined;
    };
    await both.run('06:30', '09:00');
    expect(putValues(both.fixture.cloudWatch).WitnessBlind).toBe(1);
    const blind = published(both.fixture).filter(
      ({ detections }) => detections?.[0] === 'witness-blind',
    );
    expect(blind).toHaveLength(1);
  });

  test('cannot flood people, or the ledger, with ten thousand users: the worst is told by itself', async () => {
    const both = await begun();
    const many = Array.from({ length: 10_000 }, (_, at) => holder(`user-${at}`, 'Viewer'));
    both.airflow.users = [admin, ...many, holder('zoe', 'Admin')];
    both.table.calls.length = 0;
    await both.run('06:30', '08:00');
    const stored = both.table.items().filter(({ pk, sk }) => `${pk}${sk}`.includes('finding#'));
    expect(stored.length).toBeLessThan(500);
    expect(both.table.calls.length).toBeLessThan(10_000);
    const messages = told(both);
    expect(messages.length).toBeLessThan(150);
    expect(JSON.stringify(messages)).toContain('zoe is new and has role Admin');
    expect(JSON.stringify(messages)).toMatch(/more users and roles changed/);
  });

  test('cannot have a printed grant to somebody else explain the one to mallory', async () => {
    const both = await begun([
      grant('mallory', '2026-03-01T06:20:00.000', 'Viewer'),
      grant('carol', '2026-03-01T06:20:01.000', 'Op'),
    ]);
    both.airflow.users = [admin, holder('bob', 'Viewer'), holder('mallory', 'Admin', 'Viewer')];
    await both.run('06:30', '08:00');
    expect(told(both)).toContainEqual(
      expect.objectContaining({ ...ofMallory, role: 'Admin', detections: ['state-change'] }),
    );
  });
});

describe('whoever holds the role of the witness', () => {
  const lines = [
    grant('ann', '2026-03-01T06:20:00.000', 'Admin'),
    command('dan', '2026-03-01T06:21:00.000', 'Admin'),
  ];
  const now = Date.parse('2026-03-01T06:25:00Z');

  /** Puts items into the partition of the witness, and runs the monitor without it. */
  async function withForged(items: readonly { readonly sk: string; [name: string]: unknown }[]) {
    const both = await begun(lines);
    for (const item of items) {
      const Item = marshall({ pk: 'witness', schema: 3, ...item });
      await both.table.send({ constructor: { name: 'PutItemCommand' }, input: { Item } });
    }
    const failed: unknown[] = [];
    for (const time of quarters('06:30', '08:00')) {
      await tickAt(both.fixture, time).catch((error) => failed.push(error));
    }
    expect(failed).toEqual([]);
    const ofLogs = told(both).filter(({ detections }) => /^(cli|priv)/.test(detections?.[0] ?? ''));
    expect(ofLogs.map(({ target }) => target).sort()).toEqual(
      expect.arrayContaining(['ann', 'dan']),
    );
    expect(ofLogs.find(({ target }) => target === 'ann')).toMatchObject({ severity: 'critical' });
    return both;
  }

  const snapshot = (startEpochMs: number, more: object = {}) => ({
    sk: `snapshot#${startEpochMs}`,
    zip: zipped({ startEpochMs, endEpochMs: startEpochMs, users: [], roles: [], ...more }),
  });

  test('stops no tick by a piece that is no JSON', async () => {
    // The key of the text `{`.
    const hash = '021fb596db81e6d02bf3d2586ee3981f';
    const { gzipSync } = await import('node:zlib');
    const zip = gzipSync('{').toString('base64');
    await withForged([{ sk: `piece#${hash}`, zip }, snapshot(now, { users: [hash] })]);
  });

  test('hides no change behind a reading of the future, which would never be judged', async () => {
    const both = await begun();
    both.airflow.users = [admin, holder('bob', 'Viewer'), holder('mallory', 'Admin')];
    await both.witness.runAt('06:25');
    for (const item of both.table.raw('witness')) {
      if (item.sk?.S !== `snapshot#${now}`) continue;
      const read = JSON.parse(unzipped(item.zip?.S ?? '') ?? '');
      item.zip = { S: zipped({ ...read, endEpochMs: Date.parse('2036-01-01T00:00:00Z') }) };
    }
    await both.run('06:30', '08:00');
    expect(told(both)).toContainEqual(expect.objectContaining(ofMallory));
  });

  test('floods nobody with losses', async () => {
    const losses = Array.from({ length: 500 }, (_, at) => ({
      sk: `loss#${now + at}`,
      data: JSON.stringify({ sinceEpochMs: now + at, foundEpochMs: now, missing: 1, ids: [] }),
    }));
    const both = await withForged(losses);
    expect(
      JSON.stringify(both.table.items()).match(/"detections\\":\[\\"audit-rows-missing/g),
    ).toHaveLength(20);
  });

  test('changes no finding of the logs by rows without end', async () => {
    const rows = Array.from({ length: 30_000 }, (_, id) => ({
      sk: `row#${now}#${id}`,
      data: JSON.stringify({
        ...{ id, event: 'cli_users_create', whenEpochMs: now, readEpochMs: now },
        ...{
          command: 'airflow users create',
          commands: [{ verb: 'create-user', target: `u${id}` }],
        },
      }),
    }));
    const both = await withForged(rows);
    expect(told(both).length).toBeLessThan(150);
  });

  const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
    fc.string({ unit: 'binary' }).map((text): AttributeValue => ({ S: text })),
    fc.json().map((text): AttributeValue => ({ S: text })),
    fc.json().map((text): AttributeValue => ({ S: zipped(JSON.parse(text)) })),
    fc.constantFrom('1e30', '-1e30', '0.5').map((number): AttributeValue => ({ N: number })),
    fc.constant<AttributeValue>({ NULL: true }),
  );

  test('stops no tick, and silences no line, by any item', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('status', 'snapshot#', 'piece#', 'row#', 'loss#', 'audit-mark'),
        fc.constantFrom('data', 'zip', 'schema'),
        attribute,
        async (prefix, name, value) => {
          const both = await begun(lines);
          both.airflow.log(1, '2026-03-01T06:20:00Z', ['users', 'create', '-u', 'eve', '-r', 'Op']);
          await both.witness.runAt('06:30');
          for (const item of both.table.raw('witness')) {
            if (item.sk?.S?.startsWith(prefix)) item[name] = value;
          }
          for (const time of quarters('06:30', '07:15')) await tickAt(both.fixture, time);
          const targets = told(both).map(({ target }) => target);
          expect(targets).toEqual(expect.arrayContaining(['ann', 'dan']));
        },
      ),
      { numRuns: 60 },
    );
  });
});
