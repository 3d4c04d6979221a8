import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  alarmMailResult,
  allMails,
  countMails,
} from '../../../../local/demo/verdict/mail-results.ts';
import { sampleResult } from '../sample-result.ts';

const [alarm] = sampleResult().notifications;
if (alarm === undefined) throw new Error('the sample has no alarm');
const mailWith = (email: string) => alarmMailResult({ ...alarm, email }).text;

test('a runbook without an address is linked to its file on this machine', () => {
  const text = mailWith('What to do: x\nRunbook: docs/runbooks/add-role.md\n');
  const [, link = ''] = /^Runbook: (file:\S+\.md)$/m.exec(text) ?? [];
  expect(existsSync(fileURLToPath(link))).toBe(true);
});

test('a runbook with an address, and its name in a line of the log, stay as they are', () => {
  const text = [
    'Runbook: https://example.com/docs/runbooks/add-role.md',
    '    [x] INFO - Runbook: docs/runbooks/add-role.md',
    '',
  ].join('\n');
  expect(mailWith(text)).toBe(text);
});

test('mails of alarms are among all mails in their order, and counted by what they say', () => {
  const recovery = { ...alarm, state: 'OK', atEpochMs: alarm.atEpochMs - 1 };
  const mails = allMails({ findings: [], notifications: [alarm, recovery] });
  expect(mails.map(({ kind }) => kind)).toEqual(['recovery', 'alarm']);
  expect(countMails(mails, 3)).toEqual({
    ...{ changes: 3, aboutFindings: 0, ofAlarms: 1, ofRecoveries: 1 },
  });
});
