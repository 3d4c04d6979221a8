import { auditorProblem } from '../../../lambda/witness/read-state.ts';
import { auditorHolds, forbidden, throttled } from '../setup/fake-airflow.ts';
import { witnessFixture, witnessItems } from '../setup/witness-fixture.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ username: `user-${at}`, roles: ['Viewer'] }));

test('all pages are read, and what a role holds is a set', async () => {
  const { airflow, table, runAt } = witnessFixture();
  airflow.users = many(250);
  airflow.roles = {
    ...airflow.roles,
    ...Object.fromEntries(
      many(30).map(({ username }) => [username, ['can_read on B', 'can_read on A']]),
    ),
  };
  await expect(runAt('06:00')).resolves.toMatchObject({ users: 250, roles: 36, causes: [] });
  const paths = airflow.requests.map(({ Path, QueryParameters: { limit, offset } }) => [
    Path,
    limit,
    offset,
  ]);
  expect(paths.filter(([path]) => path === '/users')).toEqual(
    [0, 100, 200].map((at) => ['/users', 100, at]),
  );
  expect(paths.filter(([path]) => path === '/roles')).toHaveLength(4);
  // Roles with the same permissions are different roles.
  expect(witnessItems(table, 'piece#')).toHaveLength(36 + 1);
});

test('a user who is added between two pages makes the read begin anew, once', async () => {
  const { airflow, table, runAt } = witnessFixture();
  airflow.users = many(150);
  let isAdded = false;
  airflow.beforeAnswer = ({ Path, QueryParameters: { offset } }) => {
    if (Path === '/users' && offset === 100 && !isAdded) {
      isAdded = true;
      airflow.users = [{ username: 'aaa', roles: ['Admin'] }, ...airflow.users];
    }
    return undefined;
  };
  await expect(runAt('06:00')).resolves.toMatchObject({ users: 151, causes: [] });
  expect(witnessItems(table, 'snapshot#')).toHaveLength(1);
});

test('a list that changes during both reads is dropped, never compared, and its cause is noted', async () => {
  const { airflow, table, runAt } = witnessFixture();
  airflow.users = many(150);
  airflow.beforeAnswer = ({ Path, QueryParameters: { offset } }) => {
    if (Path === '/users' && offset === 100) airflow.users = airflow.users.slice(1);
    return undefined;
  };
  await runAt('06:00');
  expect(witnessItems(table, 'snapshot#')).toEqual([]);
  expect(witnessItems(table, 'status')).toMatchObject([
    {
      snapshot: {
        failures: 1,
        cause: '/users changed while it was read: it was read in half, twice',
      },
    },
  ]);
});

test('one user who took the place of another on a page is not two users', async () => {
  const { airflow, table, runAt } = witnessFixture();
  airflow.users = many(150);
  airflow.beforeAnswer = ({ Path, QueryParameters: { offset } }) => {
    // The total stays the same: one is deleted, one is added at the end.
    if (Path !== '/users' || offset !== 100) return undefined;
    airflow.users = [{ username: 'user-99', roles: ['Viewer'] }, ...airflow.users.slice(0, 149)];
    return undefined;
  };
  await runAt('06:00');
  expect(witnessItems(table, 'snapshot#')).toEqual([]);
});

test('a refusal is a failed read with its cause, and the audit log is read all the same', async () => {
  const { airflow, table, runAt } = witnessFixture();
  airflow.beforeAnswer = ({ Path }) => (Path === '/roles' ? forbidden : undefined);
  await runAt('06:00');
  await runAt('06:15');
  expect(witnessItems(table, 'status')).toMatchObject([
    {
      snapshot: {
        failures: 2,
        cause: 'Airflow refused /roles (HTTP 403): the Airflow role of the witness may not read it',
      },
      auditLog: { failures: 0 },
    },
  ]);
});

test('a throttled call is made again', async () => {
  const { airflow, timer, runAt } = witnessFixture();
  let refusals = 3;
  airflow.beforeAnswer = () => (refusals-- > 0 ? throttled : undefined);
  await expect(runAt('06:00')).resolves.toMatchObject({ users: 1, causes: [] });
  expect(timer.sleptMs).toHaveLength(3);
});

test('only what changed is written again', async () => {
  const { airflow, table, runAt } = witnessFixture();
  await runAt('06:00');
  table.calls.length = 0;
  airflow.roles.Viewer = ['can_read on DAGs', 'can_read on XComs'];
  await runAt('06:15');
  const written = table.calls
    .filter(({ operation }) => operation === 'PutItem')
    .map(({ input }) => (input as { Item: { sk: { S: string } } }).Item.sk.S.split('#')[0]);
  expect(written).toEqual(['piece', 'snapshot', 'audit-mark', 'status']);
});

test.each([
  ['exactly the three permissions, and the home page', auditorHolds, undefined],
  ['one less', auditorHolds.slice(1), 'role PrivilegeAuditor lacks can_read on Audit Logs'],
  [
    'one more',
    [...auditorHolds, 'can_edit on Users'],
    'role PrivilegeAuditor was given 1 more permission',
  ],
])('the role of the witness with %s', (_, permissions, problem) => {
  expect(auditorProblem(new Map([['PrivilegeAuditor', permissions]]))).toBe(problem);
});

test('a missing role of the witness is a problem', () => {
  expect(auditorProblem(new Map())).toBe('Airflow has no role PrivilegeAuditor');
});
