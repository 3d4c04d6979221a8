import { localPlace } from '../../../local/aws-place.ts';
import { templateOf } from '../../infra/synthesized.ts';
import type { TemplateJson } from '../../infra/template-walk.ts';
import { templateFacts } from './template-facts.ts';

const email = 'oncall@example.com';
const synthesized = JSON.stringify(templateOf().toJSON());

/** The template after one change. */
function changed(change: (template: TemplateJson) => void = () => {}): TemplateJson {
  const template: TemplateJson = JSON.parse(synthesized);
  change(template);
  return template;
}

function broken(change: (template: TemplateJson) => void): string[] {
  return templateFacts(changed(change), { email, place: localPlace }).flatMap(
    ({ exceptions }) => exceptions,
  );
}

function properties(template: TemplateJson, idStart: string): Record<string, unknown> {
  const [, resource] =
    Object.entries(template.Resources).find(([id]) => id.startsWith(idStart)) ?? [];
  if (resource === undefined) throw new Error(`no resource begins with ${idStart}`);
  return resource.Properties;
}

test('the synthesized monitor has all that the local AWS does not check', () => {
  const facts = templateFacts(changed(), { email, place: localPlace });
  expect(facts.filter(({ exceptions }) => exceptions.length > 0)).toEqual([]);
  expect(facts.length).toBeGreaterThan(0);
});

test.each([
  ['AlarmTopic', 'KmsMasterKeyId'],
  ['ScannerFailedRuns', 'KmsMasterKeyId'],
  ['ScannerLogs', 'KmsKeyId'],
  ['Ledger', 'SSESpecification'],
])('%s without its key is an exception', (idStart, property) => {
  expect(broken((template) => delete properties(template, idStart)[property])).toContainEqual(
    expect.stringMatching(`^${idStart}`),
  );
});

test('a rule without a queue for undelivered ticks is an exception', () => {
  const withoutQueue = (template: TemplateJson) => {
    const rule = properties(template, 'ScannerSchedule');
    for (const target of rule.Targets as { DeadLetterConfig?: unknown }[]) {
      delete target.DeadLetterConfig;
    }
  };
  expect(broken(withoutQueue)).toEqual([expect.stringMatching('^ScannerSchedule')]);
});

test.each(['ScannerUndeliveredTicksPolicy', 'Key'])(
  'a queue that EventBridge may not use is an exception: %s',
  (idStart) => {
    const withoutEventBridge = (template: TemplateJson) => {
      const found = properties(template, idStart);
      const document = (found.PolicyDocument ?? found.KeyPolicy) as { Statement: unknown[] };
      document.Statement = document.Statement.filter(
        (statement) => !JSON.stringify(statement).includes('events.amazonaws.com'),
      );
    };
    const [schedule, ...tamperRules] = broken(withoutEventBridge);
    expect(schedule).toMatch(/^ScannerSchedule/);
    expect(tamperRules.length).toBeGreaterThan(0);
    expect(tamperRules.filter((id) => !id.startsWith('Tampering'))).toEqual([]);
  },
);

test('an alarm that CloudWatch may not publish is an exception', () => {
  const withoutCloudWatch = (template: TemplateJson) => {
    const document = properties(template, 'AlarmTopicPolicy').PolicyDocument as {
      Statement: unknown[];
    };
    document.Statement = [];
  };
  expect(broken(withoutCloudWatch).length).toBeGreaterThan(10);
});

test.each([
  ['unsaid', undefined],
  ['not breaching', 'ignore'],
])('a silent monitor whose missing data is %s is an exception', (_, value) => {
  const silence = (template: TemplateJson) => {
    for (const { Properties } of Object.values(template.Resources)) {
      if (String(Properties?.AlarmName).endsWith('-silent')) Properties.TreatMissingData = value;
    }
  };
  expect(broken(silence)).toContainEqual(expect.stringMatching('-silent$'));
});

test('a topic that sends no mails is an exception', () => {
  const facts = templateFacts(changed(), { email: 'other@example.com', place: localPlace });
  expect(facts.at(-1)?.exceptions).toEqual([
    expect.stringMatching('^AlarmTopic'),
    expect.stringMatching('^FindingsTopic'),
  ]);
});
