import { findingEvent } from '../../../lambda/messages/finding-event.ts';
import type { Finding } from '../../../lambda/model/finding.ts';
import { importFinding } from '../../../lambda/security-hub/import-finding.ts';
import {
  type SecurityFinding,
  securityFinding,
} from '../../../lambda/security-hub/security-finding.ts';
import model from '../../fixtures/receivers/security-hub.json' with { type: 'json' };
import { credentials } from '../setup/monitor-fixture.ts';
import { sampleFinding, sampleSender } from '../setup/sample-finding.ts';

interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, string>>;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly member?: string;
  readonly key?: string;
  readonly value?: string;
}

const shapes: Readonly<Record<string, Shape | undefined>> = model.shapes;

/** What breaks the service's own model: unknown members count, unlike in the SDK. */
function problems(value: unknown, name: string, path: string): string[] {
  const shape = shapes[name];
  if (shape === undefined) return [`${path}: ${name} is not in the fixture`];
  switch (shape.type) {
    case 'structure': {
      const given = Object.entries(value as object);
      const missing = (shape.required ?? []).filter(
        (field) => !Object.hasOwn(value as object, field),
      );
      return [
        ...missing.map((field) => `${path}.${field}: is required`),
        ...given.flatMap(([field, part]) => {
          const member = shape.members?.[field];
          return member === undefined
            ? [`${path}.${field}: is unknown`]
            : problems(part, member, `${path}.${field}`);
        }),
      ];
    }
    case 'list':
      return (value as unknown[]).flatMap((item, at) =>
        problems(item, shape.member ?? '', `${path}[${at}]`),
      );
    case 'map':
      return Object.entries(value as object).flatMap(([key, item]) => [
        ...problems(key, shape.key ?? '', `${path} key`),
        ...problems(item, shape.value ?? '', `${path}.${key}`),
      ]);
    default: {
      const isText = typeof value === 'string';
      const fits = isText && new RegExp(`^(?:${shape.pattern ?? '.*'})$`, 's').test(value);
      const isListed = shape.enum === undefined || shape.enum.includes(String(value));
      return fits && isListed ? [] : [`${path}: ${JSON.stringify(value)} does not fit ${name}`];
    }
  }
}

const { lengths } = model;

function tooLong(finding: SecurityFinding): string[] {
  const { Id, GeneratorId, Title, Description, Remediation, ProductFields } = finding;
  const measured: [string, string, number][] = [
    ['Id', Id, lengths.Id],
    ['GeneratorId', GeneratorId, lengths.GeneratorId],
    ['Title', Title, lengths.Title],
    ['Description', Description, lengths.Description],
    ['Text', Remediation.Recommendation.Text, lengths['Remediation.Recommendation.Text']],
    ...Object.entries(ProductFields).flatMap(([key, value]): [string, string, number][] => [
      ['key', key, lengths['ProductFields.key']],
      [key, value, lengths['ProductFields.value']],
    ]),
  ];
  expect(Object.keys(ProductFields).length).toBeLessThanOrEqual(lengths['ProductFields.count']);
  return measured.filter(([, text, most]) => text.length > most).map(([name]) => name);
}

const about = { eventTime: '2026-03-01T09:00:06.000Z', partition: 'aws' };
const detailOf = (finding: Finding) => JSON.parse(findingEvent(finding, sampleSender).Detail);
const long = 'DAG \u202e \u0000 https://evil.com '.repeat(2_000);

const linkedSender = { ...sampleSender, runbookBaseUrl: 'https://wiki.example.com/books' };

test.each<[string, Finding]>([
  ['a finding', sampleFinding],
  [
    'a finding of a long text',
    {
      ...sampleFinding,
      title: long,
      target: long,
      role: long,
      actor: { dag: long, task: ' ', user: long },
    },
  ],
  [
    'a finding about the monitor',
    {
      ...sampleFinding,
      detections: ['coverage-gap'],
      attack: ['T1562.008'],
      actor: {},
      evidence: [],
    },
  ],
])('Security Hub’s own model accepts %s', (_, finding) => {
  const mapped = securityFinding(detailOf(finding), about);
  expect(problems(JSON.parse(JSON.stringify(mapped)), 'AwsSecurityFinding', 'finding')).toEqual([]);
  expect(tooLong(mapped)).toEqual([]);
});

test('the recommendation links to the runbook, if its address is known', () => {
  const linked = JSON.parse(findingEvent(sampleFinding, linkedSender).Detail);
  const mapped = securityFinding(linked, about);
  expect(mapped.Remediation.Recommendation.Url).toBe(
    'https://wiki.example.com/books/role-granted.md',
  );
  expect(problems(JSON.parse(JSON.stringify(mapped)), 'AwsSecurityFinding', 'finding')).toEqual([]);
});

test.each([
  [{ Severity: { Label: 'SEVERE' } }, 'does not fit SeverityLabel'],
  [{ Title: ' ' }, 'does not fit NonEmptyString'],
  [{ Colour: 'red' }, 'is unknown'],
])('the check of the model notices %j', (change, problem) => {
  const mapped = { ...securityFinding(detailOf(sampleFinding), about), ...change };
  expect(problems(mapped, 'AwsSecurityFinding', 'finding').join()).toContain(problem);
});

test('an update has the same id and a later time', () => {
  const first = securityFinding(detailOf(sampleFinding), about);
  const worse = detailOf({ ...sampleFinding, severity: 'critical', target: 'bob, eve' });
  const update = securityFinding(worse, { ...about, eventTime: '2026-03-01T10:00:00.000Z' });
  expect([update.Id, update.CreatedAt]).toEqual([first.Id, first.CreatedAt]);
  expect(update.UpdatedAt > first.UpdatedAt).toBe(true);
});

const event = (detail: object = detailOf(sampleFinding)) => ({
  ...{ version: '0', id: 'e', source: 'mwaa-privilege-monitor', account: '123456789012' },
  ...{ 'detail-type': 'MWAA Privilege Finding', time: '2026-03-01T09:00:06Z', detail },
});

function securityHub(status: number, answer: object) {
  const requests: { readonly url: string; readonly init: RequestInit }[] = [];
  const send = async (url: unknown, init?: RequestInit) => {
    requests.push({ url: String(url), init: init ?? {} });
    const headers = { 'x-amzn-errortype': 'AccessDeniedException:http://internal' };
    return new Response(JSON.stringify(answer), { status, headers });
  };
  return { requests, access: { region: 'eu-west-1', credentials, fetch: send as typeof fetch } };
}

const accepted = { SuccessCount: 1, FailedCount: 0, FailedFindings: [] };

test('an event is one signed request with one finding', async () => {
  const { requests, access } = securityHub(200, accepted);
  const { imported } = await importFinding(access, event());
  const [{ url, init } = { url: '', init: {} as RequestInit }, ...others] = requests;
  expect(others).toEqual([]);
  expect([init.method, url]).toEqual([
    'POST',
    'https://securityhub.eu-west-1.amazonaws.com/findings/import',
  ]);
  expect(new Headers(init.headers).get('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/securityhub\/aws4_request/,
  );
  const { Findings } = JSON.parse(String(init.body));
  expect(Findings).toHaveLength(1);
  expect(Findings[0].Id).toBe(imported);
});

test.each([
  ['is refused', 403, { Message: 'no' }, 'HTTP status 403, AccessDeniedException'],
  [
    'succeeds without its finding',
    200,
    {
      SuccessCount: 0,
      FailedCount: 1,
      FailedFindings: [{ Id: 'x', ErrorCode: 'InvalidInput', ErrorMessage: 'bad' }],
    },
    'InvalidInput: bad',
  ],
  ['has another answer', 200, {}, 'SuccessCount'],
])(
  'a request that %s is an error, so that Lambda tries again',
  async (_, status, answer, error) => {
    const { access } = securityHub(status, answer);
    await expect(importFinding(access, event())).rejects.toThrow(error);
  },
);

test('a test of the notifications is not imported', async () => {
  const { requests, access } = securityHub(200, accepted);
  await importFinding(access, event({ ...detailOf(sampleFinding), kind: 'test' }));
  expect(requests).toEqual([]);
});

test.each([
  [{ ...event(), source: 'somebody' }, 'field "source"'],
  [event({ ...detailOf(sampleFinding), region: 'us-east-1' }), 'field "detail.region"'],
  [event({ id: 'x' }), 'field "detail.'],
])('another event is an error that names the field', async (given, error) => {
  const { access } = securityHub(200, accepted);
  await expect(importFinding(access, given)).rejects.toThrow(error);
});
