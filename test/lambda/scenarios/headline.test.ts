import { headlineOf } from '../../../lambda/findings/headline.ts';
import { presentFinding } from '../../../lambda/findings/present.ts';
import { notificationOf } from '../../../lambda/messages/notification.ts';
import { outcomes } from '../../../lambda/model/finding.ts';
import { verbNames } from '../../../lambda/model/verbs.ts';
import { change, detections } from '../setup/sample-change.ts';
import { sampleSender } from '../setup/sample-finding.ts';

const environment = 'prod';
const headline = (...args: Parameters<typeof change>) =>
  headlineOf(change(...args), 'Something changed', environment);
const context = { environment, region: 'eu-west-1', detections, detectedAtEpochMs: 0 };
const subject = (...args: Parameters<typeof change>) =>
  notificationOf(presentFinding(change(...args), context), sampleSender).Subject;
const longName = (start: string) => `${start}${'x'.repeat(255 - start.length)}`;

test('a subject has the whole title if there is room for it', () => {
  expect(subject()).toBe(
    '[CRITICAL] prod: bob was given role Admin by DAG grant_admin, task promote',
  );
});

test.each([
  ['failed', 'Failed, by DAG grant_admin: gives bob role Admin'],
  ['denied', 'Refused, by DAG grant_admin: gives bob role Admin'],
  ['no-effect', 'Without effect, by DAG grant_admin: gives bob role Admin'],
  ['unknown', 'Unknown outcome, by DAG grant_admin: gives bob role Admin'],
] as const)('a headline begins with how an attempt ended: %s', (outcome, expected) => {
  expect(headline({ outcome })).toBe(expected);
});

test('a subject names the outcome, the user and the role, however long all names are', () => {
  for (const outcome of outcomes) {
    const text = subject({ outcome, targets: [longName('bob')], roles: ['Admin'] });
    expect(text).toMatch(/bob\S*\.{3}.* role Admin/);
    if (outcome === 'failed') expect(text).toMatch(/: Failed: /);
  }
});

test('of several long names the first is shown, and how many more there are', () => {
  const targets = ['alice', 'bob', 'carol'].map(longName);
  expect(subject({ targets })).toMatch(/alice\S* and 2 more were given role Admin/);
});

test('no sentence is cut, even for the longest environment and an update', () => {
  // These say the most, and may lose their end, which matters least.
  const longer = [
    'write-metadata-tables',
    'change-dag-access',
    'sync-permissions',
    'import-roles',
    'read-metadata-credentials',
  ];
  const long = { ...context, environment: 'e'.repeat(80) };
  for (const verb of verbNames.filter((name) => !longer.includes(name))) {
    for (const outcome of outcomes) {
      const finding = presentFinding(
        change({ verb, outcome, targets: [longName('bob')], roles: [longName('ops')] }),
        long,
      );
      const { Subject } = notificationOf(finding, sampleSender, { update: true });
      const end = asSubject(finding.headline);
      expect(Subject.length).toBeLessThanOrEqual(99);
      expect([verb, outcome, Subject.slice(-end.length)]).toEqual([verb, outcome, end]);
      expect(Subject).toMatch(/[^.]$/);
    }
  }
});

/** An ellipsis is three characters in ASCII. */
function asSubject(text = 'no headline'): string {
  return text.replaceAll('…', '...');
}
