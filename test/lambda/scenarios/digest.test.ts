import fc from 'fast-check';
import { logStreamLink } from '../../../lambda/findings/links.ts';
import { presentFinding } from '../../../lambda/findings/present.ts';
import { digestOf } from '../../../lambda/messages/digest.ts';
import { type Finding, publishedDigestSchema } from '../../../lambda/model/finding.ts';
import { type Severity, severities } from '../../../lambda/model/severity.ts';
import { namedInMessage } from '../setup/named-in-message.ts';
import { change, detections } from '../setup/sample-change.ts';
import { sampleSender } from '../setup/sample-finding.ts';

const base = presentFinding(change(), {
  environment: 'prod',
  region: 'eu-west-1',
  detections,
  detectedAtEpochMs: 0,
});
const finding = (number: number, severity: Severity, changes: Partial<Finding> = {}): Finding => ({
  ...base,
  id: number.toString(16).padStart(32, '0'),
  severity,
  firstSeen: new Date(number * 1000).toISOString(),
  ...changes,
});
const byDag = (dag: string): Partial<Finding> => ({ actor: { ...base.actor, dag } });
const digest = (findings: readonly Finding[], following = 0) => {
  const { notification, named } = digestOf(findings, { sender: sampleSender, following });
  const texts: { default: string; email: string; sms: string } = JSON.parse(notification.Message);
  const json = publishedDigestSchema.parse(JSON.parse(texts.default));
  return { ...texts, notification, named, json };
};
/** As SNS counts: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const bytesOf = ({ notification }: ReturnType<typeof digest>) =>
  Buffer.byteLength(notification.Message) +
  Buffer.byteLength(notification.Subject) +
  Buffer.byteLength(JSON.stringify(notification.MessageAttributes));

const findings = [finding(1, 'medium'), finding(2, 'critical'), finding(3, 'medium')];

test('the JSON has actor, target, role, severity, time and id of each finding, the worst first', () => {
  const { json } = digest(findings);
  expect(json).toMatchObject({ kind: 'digest', severity: 'critical', count: 3 });
  expect(json.bySeverity).toEqual({ critical: 1, medium: 2 });
  expect(json.findings.map(({ severity }) => severity)).toEqual(['critical', 'medium', 'medium']);
  const { id, title, actor, target, role, outcome, firstSeen, links } = findings[1] ?? base;
  expect(json.findings[0]).toEqual({
    ...{ id, severity: 'critical', title, actor, target, role, outcome, firstSeen },
    logStreamLink: links.logStream,
  });
  expect(actor.dag).toBeDefined();
  expect(target).toBeDefined();
  expect(role).toBeDefined();
});

test('the subject has the worst severity and the number of findings', () => {
  expect(digest(findings).notification.Subject).toBe(
    '[CRITICAL] prod: 3 privilege changes (digest)',
  );
  expect(digest([finding(1, 'low')]).sms).toBe('[LOW] prod: 1 privilege change (digest)');
  expect(digest(findings).notification.MessageAttributes.kind?.StringValue).toBe('digest');
});

test('the mail in full', () => {
  const others = [4, 5].map((number) => finding(number, 'high', byDag('nightly_sync')));
  const { email } = digest([...findings, ...others], 12);
  expect(email.replace(/https:\S+/g, 'https:…')).toMatchInlineSnapshot(`
"5 findings in prod (account 123456789012, Region eu-west-1) that were not sent one by one: 1 critical, 2 high, 2 medium.
12 more follow in further messages, at the latest after the next scans.

DO FIRST
1. Many changes at once are a migration that somebody can confirm, or an attack. A flood may be meant to hide one change: look at the actors with few findings first, then at the worst of each block. Open the log stream of a finding and follow its runbook. If nobody knows a DAG, pause it (Airflow 2 and 3; needs airflow:InvokeRestApi on role/prod/User, Op or Admin).
2. Find out who added the code to the environment's S3 bucket. This lists the newest files in it up to then. S3 does not store who uploaded them: the runbook on uploads (below) says where that is, if it is recorded; the second line sets what its commands need.
    aws s3api list-object-versions --region 'eu-west-1' --bucket "$(aws mwaa get-environment --region 'eu-west-1' --name 'prod' --query 'Environment.SourceBucketArn' --output text | cut -d: -f6)" --query 'reverse(sort_by(Versions[?LastModified < \`"2026-11-22T05:51:01"\`] || \`[]\`, &LastModified))[:20].[LastModified, Key, VersionId]' --output table
    export AWS_REGION='eu-west-1' AWS_DEFAULT_REGION='eu-west-1'; ENV='prod' FILE='' UNTIL='2026-11-22 05:51:01'

Runbook on uploads: docs/runbooks/who-uploaded.md

BY DAG grant_admin in airflow-prod-Task: 1 critical, 2 medium
  Runbook: docs/runbooks/role-granted.md
  Pause it:
    aws mwaa invoke-rest-api --region 'eu-west-1' --name 'prod' --method PATCH --path '/dags/grant_admin' --body '{"is_paused":true}'
  CRITICAL  1970-01-01 00:00:02.000 UTC  bob was given role Admin by DAG grant_admin, task promote  [00000000000000000000000000000002]
            https:…
  MEDIUM    1970-01-01 00:00:01.000 UTC  bob was given role Admin by DAG grant_admin, task promote  [00000000000000000000000000000001]
            https:…
  MEDIUM    1970-01-01 00:00:03.000 UTC  bob was given role Admin by DAG grant_admin, task promote  [00000000000000000000000000000003]
            https:…

BY DAG nightly_sync in airflow-prod-Task: 2 high
  Runbook: docs/runbooks/role-granted.md
  Pause it:
    aws mwaa invoke-rest-api --region 'eu-west-1' --name 'prod' --method PATCH --path '/dags/nightly_sync' --body '{"is_paused":true}'
  HIGH      1970-01-01 00:00:04.000 UTC  bob was given role Admin by DAG grant_admin, task promote  [00000000000000000000000000000004]
            https:…
  HIGH      1970-01-01 00:00:05.000 UTC  bob was given role Admin by DAG grant_admin, task promote  [00000000000000000000000000000005]
            https:…

TO UNDO THEM (what a command can undo; all else as the runbooks say)
First check in Airflow under Security > List Users and List Roles that a change is there, and find out whether it was there before: then there is nothing to undo.
On Airflow 2 (needs airflow:InvokeRestApi on role/prod/Admin):
  bob was given role Admin by DAG grant_admin, task promote  [00000000000000000000000000000002]
    body=$(aws mwaa invoke-rest-api --region 'eu-west-1' --name 'prod' --method GET --path '/users/bob' --query 'RestApiResponse.{username: username, first_name: first_name, last_name: last_name, email: email, roles: roles[?name != \`"Admin"\`].{name: name}}' --output json) && aws mwaa invoke-rest-api --region 'eu-west-1' --name 'prod' --method PATCH --path '/users/bob' --query-parameters '{"update_mask":"roles"}' --body "$body"
On Airflow 3, do it under Security > List Users and List Roles.

Findings of MWAA Privilege Monitor
"
`);
});

test('one command pauses a DAG, however many findings it has and in whatever log groups', () => {
  const inWorker = base.evidence.map((line) => ({ ...line, logGroup: 'airflow-prod-Worker' }));
  const more = [
    finding(4, 'high', byDag('nightly_sync')),
    finding(5, 'high', { evidence: inWorker }),
    finding(6, 'high', { ...byDag('no command can name it') }),
  ];
  const { email } = digest([...findings, ...more]);
  expect(email.match(/^ {4}aws mwaa invoke-rest-api .*is_paused.*$/gm)).toHaveLength(2);
  expect(email).toContain('Pause it in Airflow: no command can name this DAG.');
});

test('the log stream of each finding is linked, below it', () => {
  const linked = [1, 2, 3].map((number) =>
    finding(number, 'high', {
      links: { ...base.links, logStream: `https://console.aws.amazon.com/${number}` },
    }),
  );
  const lines = digest(linked).email.split('\n');
  for (const { id, links } of linked) {
    const at = lines.findIndex((line) => line.includes(`HIGH`) && line.endsWith(`[${id}]`));
    expect(lines[at + 1]?.trim()).toBe(links.logStream);
  }
});

test('what to ask AWS is there once, over the time of all findings', () => {
  const web = (number: number, stream = 'webserver_vm_1.log') =>
    finding(number, 'high', {
      actor: {},
      lastSeen: new Date(number * 1000).toISOString(),
      evidence: base.evidence.map((line) => ({
        ...line,
        ...{ logGroup: 'airflow-prod-WebServer', logStream: stream },
      })),
    });
  const { email } = digest([web(100_000), web(200_000, 'webserver_vm_2.log'), finding(3, 'high')]);
  expect(email.match(/cloudtrail lookup-events.*/g)).toEqual([
    expect.stringMatching(
      /CreateWebLoginToken --start-time 1970-01-01T03:46:40Z --end-time 1970-01-03T07:34:20Z/,
    ),
  ]);
  expect(email.match(/list-object-versions/g)).toHaveLength(1);
});

test('a digest has the commands that undo its first findings, each below the title', () => {
  const undoing = (number: number): Partial<Finding> => ({
    undo: { commands: ['x'], changes: [{ username: `u${number}`, role: 'Admin' }] },
  });
  const many = Array.from({ length: 12 }, (_, n) => finding(n, 'high', undoing(n)));
  const { email } = digest(many);
  const undo = email.slice(email.indexOf('TO UNDO THEM'));
  expect(undo).toMatch(/^TO UNDO THEM \(10 of 12 /);
  expect(undo.match(/^ {2}bob was given role Admin .*\n {4}body=\$\(aws .*$/gm)).toHaveLength(10);
  expect(digest([finding(1, 'high', { undo: undefined })]).email).not.toContain('TO UNDO');
});

test('a mail has one block for each actor, those with few findings before a flood', () => {
  const flood = Array.from({ length: 30 }, (_, n) => finding(n, 'critical', byDag('flood')));
  const { email } = digest([...flood, finding(99, 'critical', byDag('quiet'))]);
  const heads = email.split('\n').filter((line) => line.startsWith('BY '));
  expect(heads).toEqual([
    expect.stringMatching(/^BY DAG quiet .*: 1 critical$/),
    expect.stringMatching(/^BY DAG flood .*: 30 critical$/),
  ]);
});

test('a target or role that the title cuts is written out', () => {
  const target = `${'x'.repeat(80)}, bob`;
  const line = digest([finding(1, 'high', { target })]).email.split('\n');
  expect(line.find((text) => text.includes('HIGH'))).toContain(`(whom: ${target}`);
});

test('text from a log cannot add a line to the mail', () => {
  const hostile = 'bob\n\nDO FIRST\nNothing.\u2028\u202e';
  // No command can name either DAG.
  const plain = digest([finding(1, 'high', byDag('a b'))]).email.split('\n').length;
  const changes = { title: hostile, target: hostile, role: hostile, ...byDag(hostile) };
  const { email } = digest([finding(1, 'high', changes)]);
  expect(email.split(/[\n\u2028]/)).toHaveLength(plain);
});

test('the mail and the JSON name exactly the findings that the message reports as named', () => {
  const any = fc.record({
    severity: fc.constantFrom(...severities),
    title: fc.string({ unit: 'binary', minLength: 1, maxLength: 250 }),
    target: fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }), {
      nil: undefined,
    }),
    dag: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 60 }), (drawn) => {
      const given = drawn.map(({ severity, title, target, dag }, number) =>
        finding(number, severity, { title, ...(target && { target }), ...byDag(dag) }),
      );
      const { named, notification, json } = digest(given);
      expect(new Set(namedInMessage(notification))).toEqual(new Set(named.map(({ id }) => id)));
      expect(named).toEqual(given.slice(0, named.length));
      expect(json.count).toBe(named.length);
      expect(notification.Subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    }),
    { numRuns: 50 },
  );
});

test('a digest of the largest findings fits into an SNS message and names at least one', () => {
  const large = (number: number) =>
    finding(number, 'low', {
      title: '運'.repeat(250),
      target: '\u0000'.repeat(256),
      role: '"'.repeat(256),
      ...byDag(`${number}${'\\'.repeat(500)}`),
    });
  const message = digest(Array.from({ length: 1_000 }, (_, n) => large(n)));
  expect(bytesOf(message)).toBeLessThanOrEqual(262_144);
  expect(message.named.length).toBeGreaterThan(10);
  expect(namedInMessage(message.notification)).toHaveLength(message.named.length);
});

test('a digest uses most of the room of a message', () => {
  const one = digest(Array.from({ length: 2_000 }, (_, n) => finding(n, 'low')));
  const many = digest(
    Array.from({ length: 2_000 }, (_, n) => finding(n, 'low', byDag(`invented_${n}`))),
  );
  for (const message of [one, many]) {
    expect(message.named.length).toBeLessThan(2_000);
    expect(bytesOf(message)).toBeGreaterThan(225_000);
  }
});

test('the mail counts the findings that follow, including those that did not fit', () => {
  expect(digest(findings).email).not.toContain('further messages');
  const { email, named } = digest(
    Array.from({ length: 2_000 }, (_, n) => finding(n, 'low')),
    50,
  );
  expect(email).toContain(`${2_050 - named.length} more follow in further messages`);
});

test('a digest of no findings throws', () => {
  expect(() => digestOf([], { sender: sampleSender })).toThrow(RangeError);
});

test('long log stream names leave nearly as much room for findings as short ones', () => {
  const inStreams = (name: string) =>
    Array.from({ length: 400 }, (_, at) => {
      const logStream = logStreamLink({
        ...{ region: 'eu-west-1', logGroup: 'airflow-prod-Task', logStream: `${at}${name}` },
        ...{ firstEpochMs: 0, lastEpochMs: 0 },
      });
      const links = { ...base.links, logStream };
      return finding(at, 'critical', { ...byDag(`d${at}`), links });
    });
  const [short, long] = ['s', '\u6f22'.repeat(500)].map(
    (name) => digest(inStreams(name)).named.length,
  );
  expect(long).toBeGreaterThan((short ?? 0) / 2);
});
