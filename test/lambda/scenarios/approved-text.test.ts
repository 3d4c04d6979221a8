import {
  approvedDigest,
  approvedLine,
  approvedLines,
} from '../../../lambda/findings/approved-digest.ts';
import { digestOf } from '../../../lambda/messages/digest.ts';
import { notificationOf } from '../../../lambda/messages/notification.ts';
import { messageBytesMax } from '../../../lambda/messages/subject.ts';
import { sampleFinding, sampleSender } from '../setup/sample-finding.ts';

const dayEpochMs = Date.UTC(2026, 10, 22);

function approved(title: string) {
  const line = approvedLine({
    finding: { ...sampleFinding, title },
    ...{ logGroup: 'airflow-prod-Task', streamId: 's', anchorKey: 'a', anchorEpochMs: 1 },
    ...{ approved: true, unknownPublishes: 0, revision: 1, delivery: { status: 'withheld' } },
    silenced: { dayEpochMs, reasons: ['OPS-1: onboarding (platform)'] },
  });
  if (line === undefined) throw new Error('no line');
  return line;
}

function digest(title: string, lines = 1) {
  const list = { lines: Array.from({ length: lines }, () => approved(title)), omitted: 0 };
  return approvedDigest(
    { dayEpochMs, ...list, isAtLeast: false, logGroups: ['airflow-prod-Task'] },
    { environment: 'prod', region: 'eu-west-1', tickEpochMs: dayEpochMs },
  ).finding;
}

const mailOf = ({ Message }: { readonly Message: string }): string => JSON.parse(Message).email;

test('the mail lists each change with time, severity, title, approval and id', () => {
  const mail = mailOf(notificationOf(digest('bob was given role Viewer'), sampleSender));
  expect(mail).toContain(
    `${sampleFinding.severity.toUpperCase()} bob was given role Viewer; approved: OPS-1: onboarding (platform) [${sampleFinding.id}]`,
  );
});

test('a digest of many findings lists the approved changes as well', () => {
  const finding = digest('bob was given role Viewer', 3);
  const { notification } = digestOf([finding, { ...sampleFinding, id: 'f'.repeat(32) }], {
    sender: sampleSender,
  });
  for (const line of approvedLines(finding)) expect(mailOf(notification)).toContain(line);
});

test('no title adds a line to the mail or makes SNS refuse the message', () => {
  const finding = digest('a\nHIGH eve \u202e\u0000"\\'.repeat(300), 60);
  const notification = notificationOf(finding, sampleSender);
  expect(finding.evidence.every(({ message }) => !/[\n\u202e\0]/.test(message))).toBe(true);
  expect(Buffer.byteLength(notification.Message)).toBeLessThan(messageBytesMax);
  expect(JSON.parse(JSON.parse(notification.Message).default).evidence).toHaveLength(60);
});
