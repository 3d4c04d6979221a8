import { checks } from '../../../doctor/checks/all-checks.ts';
import { examine } from '../../../doctor/examine.ts';
import { defaultExpectations } from '../../../doctor/facts/facts.ts';
import { fixture, variations } from '../../../doctor/fixtures/fixtures.ts';
import { healthy } from '../../../doctor/fixtures/parts/healthy.ts';
import { createAsk } from '../../../doctor/observe/ask.ts';
import { observe } from '../../../doctor/observe/observe.ts';
import type { Report } from '../../../doctor/report.ts';
import { known } from '../../../doctor/shapes/log-shapes.ts';
import type { Observed } from '../../../doctor/shapes/observation.ts';
import { type Call, fakeAws, serviceError } from '../fake-aws.ts';
import { planAndTimer } from '../fixture-plan.ts';

type Change = (call: Call, usual: () => unknown) => unknown;

/** The healthy environment with everything that can be read: an attached policy and a boundary. */
function everything(): Observed {
  const observed = healthy();
  const { executionRole } = observed;
  if (executionRole?.policies.kind !== 'known') throw new Error('the fixture has a role');
  const [inline] = executionRole.policies.value;
  if (inline === undefined) throw new Error('the fixture has a policy');
  const allowAll = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
  executionRole.policies = known([
    { name: 'nothing', document: '{"Statement":[]}' },
    { ...inline, name: 'arn:aws:iam::111122223333:policy/mwaa' },
  ]);
  executionRole.boundary = known(allowAll);
  const { witnessRole } = observed.monitor;
  if (witnessRole?.policies.kind !== 'known') throw new Error('the fixture has a witness');
  const [ofWitness] = witnessRole.policies.value;
  if (ofWitness === undefined) throw new Error('the witness has a policy');
  witnessRole.policies = known([
    { ...ofWitness, name: 'arn:aws:iam::111122223333:policy/witness' },
  ]);
  if (executionRole.role.kind === 'known') {
    executionRole.role.value.PermissionsBoundary = {
      PermissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary',
    };
  }
  return observed;
}

async function observed(state: Observed, change?: Change): Promise<Observed> {
  const { clients } = fakeAws(state, change);
  const { mwaaEnvironment, nowEpochMs } = state;
  const expectations = defaultExpectations;
  return observe(createAsk(), clients, {
    ...{ mwaaEnvironment, nowEpochMs, expectations, ...planAndTimer },
  });
}

async function report(state: Observed, change?: Change): Promise<Report> {
  return examine(await observed(state, change));
}

function resultsOf({ checks }: Report): Record<string, string> {
  return Object.fromEntries(checks.map(({ id, result }) => [id, result]));
}

async function everyAction(): Promise<string[]> {
  const state = everything();
  const { clients, calls } = fakeAws(state);
  const { mwaaEnvironment, nowEpochMs } = state;
  await observe(createAsk(), clients, {
    mwaaEnvironment,
    nowEpochMs,
    expectations: defaultExpectations,
    ...planAndTimer,
  });
  return [...new Set(calls.map(({ action }) => action))].sort();
}

/** Overrides the answer to one action. */
function only(wanted: string, answer: (usual: () => unknown) => unknown): Change {
  return ({ action }, usual) => (action === wanted ? answer(usual) : usual());
}

const actions = await everyAction();
const usualReport = await report(everything());
const usual = resultsOf(usualReport);

test('the observation is what AWS has, merged from all pages', async () => {
  const state = everything();

  expect(await observed(state)).toEqual(state);
});

test.each(Object.keys(variations).filter((name) => name !== 'many-decrypts'))(
  '%s gets the same verdicts when read from AWS as from the fixture',
  async (name) => {
    const state = fixture(name);
    if (state === undefined) throw new Error(`there is no fixture ${name}`);

    const { checks: made, skipped } = await report(state);

    const expected = examine(state);
    expect(made).toEqual(expected.checks);
    expect(skipped).toEqual(expected.skipped);
  },
);

describe.each([
  ['denied', 'AccessDenied'],
  ['denied', 'AccessDeniedException'],
  ['failed', 'ThrottlingException'],
])('a call is %s by %s', (kind, errorName) => {
  test.each(actions)(
    '%s',
    async (action) => {
      const refused = only(action, () => {
        throw serviceError(errorName);
      });
      const { checks: made, skipped } = await report(everything(), refused);

      const changed = made.filter(({ id, result }) => result !== usual[id]);
      expect(changed).not.toEqual([]);
      for (const check of changed) {
        expect(check.result).toBe('unknown');
        expect(check.missing).toContainEqual({
          kind,
          action,
          error: expect.stringContaining(errorName),
        });
        expect(check.evidence.join()).toContain(action);
      }
      expect(skipped).toEqual([]);
      expect(made).toHaveLength(checks.length);
    },
    30_000,
  );
});

/** The actions whose empty answer is the healthy one. */
const wellWhenEmpty = new Set([
  'cloudtrail:LookupEvents',
  'iam:ListRolePolicies',
  'logs:DescribeSubscriptionFilters',
]);

test.each(actions)(
  'an empty answer to %s does not throw, and passes only if empty is healthy',
  async (action) => {
    const {
      result,
      counts,
      checks: made,
    } = await report(
      everything(),
      only(action, () => ({})),
    );

    expect(made.length).toBeGreaterThan(0);
    if (wellWhenEmpty.has(action)) expect(result).toBe('pass');
    else expect(counts.pass).toBeLessThan(checks.length);
  },
);

test.each(actions)('an unknown field in the answer to %s changes nothing', async (action) => {
  const withMore = only(action, (usual) => addFields(usual()));

  expect(await report(everything(), withMore)).toEqual(usualReport);
});

test.each(actions)('an answer to %s with an undocumented shape is unknown', async (action) => {
  const distorted = only(action, (usual) => distort(usual()));
  const { checks: made } = await report(everything(), distorted);

  const notKnown = made.filter(({ result }) => result === 'unknown');
  expect(notKnown.flatMap(({ missing }) => missing.map((one) => one.action))).toContain(action);
});

test('an answer with an undocumented shape is a failed part: its error names field, rule and value', async () => {
  const distorted = only('kms:ListGrants', () => ({ Grants: [{ GrantId: 7 }] }));
  const { grants } = await observed(everything(), distorted);

  expect(grants).toMatchObject({
    kind: 'failed',
    error: 'the answer has an undocumented shape: [0].GrantId: expected string, got 7',
  });
});

test('alarms of another environment with the same name prefix are ignored', async () => {
  const others = only('cloudwatch:DescribeAlarms', (usual) => {
    const { MetricAlarms = [], ...rest } = usual() as { MetricAlarms?: object[] };
    const other = {
      AlarmName: 'mwaa-privilege-monitor-prod-airflow-2-silent',
      ActionsEnabled: false,
      AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:other'],
    };
    return { MetricAlarms: [other, ...MetricAlarms], ...rest };
  });

  expect(await observed(everything(), others)).toEqual(everything());
});

test('a list with endless pages is a failed part', async () => {
  const endless = only('kms:ListGrants', () => ({ Grants: [], NextMarker: 'on', Truncated: true }));
  const { grants } = await observed(everything(), endless);

  expect(grants).toMatchObject({ kind: 'failed', error: expect.stringContaining('200 pages') });
});

test('a list whose second page fails is a failed part', async () => {
  const change = ({ action, input }: Call, usual: () => unknown) => {
    if (action === 'logs:DescribeLogGroups' && input.nextToken) throw serviceError('Throttling');
    return usual();
  };
  const { logGroups } = await observed(everything(), change);

  expect(logGroups.kind).toBe('failed');
});

test('with too many Decrypt events, sinceEpochMs is the oldest event read', async () => {
  const state = everything();
  const minuteMs = 60_000;
  let read = 0;
  const busy = only('cloudtrail:LookupEvents', () => {
    read += 1;
    return {
      Events: [{ EventName: 'Decrypt', EventTime: new Date(state.nowEpochMs - read * minuteMs) }],
      NextToken: 'more',
    };
  });

  const { decryptEvents } = await observed(state, busy);

  expect(read).toBe(20);
  expect(decryptEvents).toMatchObject({
    kind: 'known',
    value: { sinceEpochMs: state.nowEpochMs - 20 * minuteMs },
  });
});

describe('observe refuses', () => {
  const failing = (errorName: string) =>
    observed(everything(), ({ action }, usual) => {
      if (action === 'airflow:ListEnvironments') return { Environments: ['blue', 'green'] };
      if (action === 'airflow:GetEnvironment') throw serviceError(errorName);
      return usual();
    });

  test('an environment that does not exist in the Region, and names those that do', async () => {
    await expect(failing('ResourceNotFoundException')).rejects.toThrow(
      'there is no MWAA environment prod-airflow in eu-west-1: this Region has blue, green; for another Region, give --region',
    );
  });

  test('a misspelt environment, and says which one may be meant', async () => {
    const misspelt = observed(everything(), ({ action }, usual) => {
      if (action === 'airflow:ListEnvironments') return { Environments: ['blue', 'prod-airflow2'] };
      if (action === 'airflow:GetEnvironment') throw serviceError('ResourceNotFoundException');
      return usual();
    });
    await expect(misspelt).rejects.toThrow(
      'there is no MWAA environment prod-airflow in eu-west-1 (did you mean prod-airflow2?): this Region has blue, prod-airflow2;',
    );
  });

  test.each(['UnrecognizedClientException', 'ExpiredTokenException', 'InvalidSignatureException'])(
    'credentials that AWS rejects (%s)',
    async (errorName) => {
      await expect(failing(errorName)).rejects.toThrow('AWS rejects the credentials');
    },
  );

  test.each(['TimeoutError', 'DeadlineError'])(
    'a network that drops requests (%s)',
    async (name) => {
      await expect(failing(name)).rejects.toThrow('MWAA does not answer in eu-west-1');
    },
  );

  test('a Region without MWAA', async () => {
    const { clients } = fakeAws(everything());
    const mwaa = { ...clients.mwaa, fetch: () => Promise.reject(new TypeError('fetch failed')) };
    const { mwaaEnvironment, nowEpochMs } = everything();
    const options = {
      ...{ mwaaEnvironment, nowEpochMs, expectations: defaultExpectations },
      ...planAndTimer,
    };

    await expect(observe(createAsk(), { ...clients, mwaa }, options)).rejects.toThrow(
      'MWAA does not answer in eu-west-1',
    );
  });
});

test('progress counts every call until all are answered', async () => {
  const state = everything();
  const { clients, calls } = fakeAws(state);
  const seen: { answered: number; begun: number }[] = [];
  const ask = createAsk((answered, begun) => seen.push({ answered, begun }));
  const { mwaaEnvironment, nowEpochMs } = state;

  await observe(ask, clients, {
    ...{ mwaaEnvironment, nowEpochMs, expectations: defaultExpectations },
    ...planAndTimer,
  });

  const last = seen.at(-1);
  expect(last?.answered).toBe(last?.begun);
  expect(last?.begun).toBeLessThanOrEqual(calls.length);
  for (const { answered, begun } of seen) expect(answered).toBeLessThanOrEqual(begun);
});

/** Adds a member to the answer and to every object in it. */
function addFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(addFields);
  if (!isPlain(value)) return value;
  const members = Object.entries(value).map(([name, inner]) => [name, addFields(inner)]);
  return {
    ...Object.fromEntries(members),
    ...(isMap(value) ? {} : { FieldOfNextYear: { a: [1] } }),
  };
}

/** Whether the member names are data, so that an added field would be data too. */
function isMap(value: object): boolean {
  return 'secrets.backend' in value || 'KmsMasterKeyId' in value;
}

/** Replaces every top-level member with a number. */
function distort(value: unknown): unknown {
  if (!isPlain(value)) return 42;
  return Object.fromEntries(Object.keys(value).map((name) => [name, 42]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
