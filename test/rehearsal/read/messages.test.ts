import { alarmMessage, findingMessage, reportedIds } from './messages.ts';

const inQueue = (message: Record<string, unknown>) =>
  JSON.stringify({ Type: 'Notification', Message: JSON.stringify(message) });

test('findings are reported by messages of their own, by digests and by minimal messages', () => {
  const messages = [
    { kind: 'finding', id: 'a', title: 'a change' },
    { kind: 'digest', findings: [{ id: 'b', severity: 'low' }, { id: 'c' }] },
    { kind: 'minimal', findings: [{ id: 'd' }] },
  ].map((message) => findingMessage(inQueue(message)));
  expect(reportedIds(messages)).toEqual(['a', 'b', 'c', 'd']);
});

test('an update and a test report no finding for the first time', () => {
  const messages = [{ kind: 'update', id: 'a', update: true }, { kind: 'test' }].map((message) =>
    findingMessage(inQueue(message)),
  );
  expect(reportedIds(messages)).toEqual([]);
});

test('a message of an unknown kind is an error, so that none is overlooked', () => {
  expect(() => findingMessage(inQueue({ kind: 'other', id: 'a' }))).toThrow('kind');
});

test('an alarm is read with its name, state and description', () => {
  const message = { AlarmName: 'n', NewStateValue: 'ALARM', AlarmDescription: 'd', Region: 'r' };
  expect(alarmMessage(inQueue(message))).toMatchObject({ AlarmName: 'n', NewStateValue: 'ALARM' });
});
