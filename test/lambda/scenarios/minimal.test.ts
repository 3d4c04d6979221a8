import fc from 'fast-check';
import { minimalMessage } from '../../../lambda/messages/digest.ts';
import { type Finding, publishedMinimalSchema } from '../../../lambda/model/finding.ts';
import { type Severity, severities } from '../../../lambda/model/severity.ts';
import { namedInMessage } from '../setup/named-in-message.ts';
import { sampleFinding, sampleSender } from '../setup/sample-finding.ts';

const finding = (number: number, severity: Severity, changes: Partial<Finding> = {}): Finding => ({
  ...sampleFinding,
  id: number.toString(16).padStart(32, '0'),
  severity,
  ...changes,
});

function textsOf(findings: readonly Finding[]) {
  const { notification, named } = minimalMessage(findings, sampleSender);
  const texts: { default: string; email: string; sms: string } = JSON.parse(
    notification.Message ?? '',
  );
  const json = publishedMinimalSchema.parse(JSON.parse(texts.default));
  return { ...texts, notification, named, json };
}

test('a minimal message names a finding by its id, so that the refused message can be looked up', () => {
  const { json, email, sms, notification } = textsOf([sampleFinding]);
  expect(json).toEqual({
    schema: 1,
    kind: 'minimal',
    ...sampleSender,
    severity: 'critical',
    findings: [{ id: sampleFinding.id, severity: 'critical' }],
  });
  expect(notification.Subject).toBe(`[CRITICAL] prod: finding ${sampleFinding.id}`);
  expect(sms).toBe(notification.Subject);
  expect(email).toContain(`${sampleFinding.title} (finding ${sampleFinding.id}, `);
  expect(email).toContain(sampleFinding.runbook);
});

test('it has the attributes that subscriptions filter by, and nothing else of the finding', () => {
  const { MessageAttributes } = textsOf([sampleFinding]).notification;
  expect(MessageAttributes).toMatchObject({
    kind: { StringValue: 'minimal' },
    severity: { StringValue: 'critical' },
    environment: { StringValue: 'prod' },
  });
});

test('it holds nothing from the log but titles', () => {
  const secret = 'what SNS did not take';
  const [line] = sampleFinding.evidence;
  if (line === undefined) throw new Error('the sample has no evidence');
  const evidence = [{ ...line, message: secret, logStream: secret }];
  const hostile = finding(1, 'high', { evidence, target: secret, actor: { dag: secret } });
  expect(JSON.stringify(textsOf([hostile]).notification)).not.toContain(secret);
});

test('whatever the titles hold, the text is printable ASCII and the subject below 100 characters', () => {
  const title = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(fc.array(title, { minLength: 1, maxLength: 5 }), (titles) => {
      const { notification, email } = textsOf(
        titles.map((text, at) => finding(at, 'high', { title: text })),
      );
      expect(notification.Subject).toMatch(/^[\x20-\x7e]{1,99}$/);
      expect(email).toMatch(/^[\x20-\x7e\n]+$/);
      expect(email.split('\n')).toHaveLength(titles.length + 3);
    }),
  );
});

test('the worst findings come first and give the message its severity', () => {
  const { json, notification } = textsOf(severities.map((severity, at) => finding(at, severity)));
  expect(json.findings.map(({ severity }) => severity)).toEqual(severities.toReversed());
  expect(json.severity).toBe('critical');
  expect(notification.Subject).toBe(`[CRITICAL] prod: finding ${'4'.padStart(32, '0')} and 4 more`);
});

test('it stays far below the limit of SNS: it names the first findings and leaves the rest', () => {
  const many = Array.from({ length: 1_000 }, (_, at) =>
    finding(at, 'low', { title: '運'.repeat(500) }),
  );
  const { named, json, notification } = textsOf(many);
  expect(Buffer.byteLength(JSON.stringify(notification))).toBeLessThan(100_000);
  expect(named.length).toBeGreaterThan(10);
  expect(named).toEqual(many.slice(0, named.length));
  expect(json.findings).toHaveLength(named.length);
  expect(namedInMessage(notification)).toEqual(named.map(({ id }) => id));
});

test('a message about no findings throws', () => {
  expect(() => minimalMessage([], sampleSender)).toThrow(RangeError);
});
