import { PublishCommand } from '@aws-sdk/client-sns';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { digestOf } from '../../../lambda/messages/digest.ts';
import { type Compose, DeliveryTally, sendMessage } from '../../../lambda/notify/send-message.ts';
import { tickContext } from '../../../lambda/record/tick-context.ts';
import { byDag, idsOf, namedIn, waitingFindings } from '../setup/delivery-fixture.ts';
import { loadPendingFindings } from '../setup/pending-findings.ts';
import { sampleSender } from '../setup/sample-finding.ts';

const about = { isUpdate: false, following: 0 };
const all: Compose = (findings) => digestOf(findings, { sender: sampleSender });

async function send(compose: Compose) {
  const fixture = await waitingFindings([0, 1, 2].map((number) => byDag(number, 'dag')));
  const { shell, timer, sns } = fixture;
  const deadline = deadlineIn(timer, 60_000);
  const table = new LedgerTable(shell, 'ledger', deadline);
  const records = await loadPendingFindings(table);
  const tally = new DeliveryTally();
  const sent = await sendMessage(
    tickContext({ shell, table, tickEpochMs: 0, deadline, scanDeadline: deadline }),
    records,
    compose,
    { tally },
  );
  const messages = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
  return { fixture, sent, tally, messages, records };
}

test('findings that a message has no room for stay untouched', async () => {
  const { fixture, sent, messages, records } = await send((findings) =>
    all(findings.slice(0, 2), about),
  );
  expect(idsOf(sent.left)).toEqual(idsOf(records.slice(2)));
  expect(fixture.idsWith('notified')).toEqual(new Set(namedIn(messages)));
  expect(sent.left).toEqual(records.slice(2));
});

test('a claimed finding that the message does not name is pending again', async () => {
  let calls = 0;
  const { fixture, tally, messages } = await send((findings) =>
    all(calls++ === 0 ? findings : findings.slice(0, 1), about),
  );
  expect(namedIn(messages)).toHaveLength(1);
  expect(fixture.idsWith('notified')).toEqual(new Set(namedIn(messages)));
  expect(fixture.idsWith('pending').size).toBe(2);
  expect(fixture.listed()).toBe(2);
  expect(tally).toMatchObject({ notified: 1, failures: [] });
});

test('findings that no message can hold are returned for a minimal one', async () => {
  const { fixture, sent, messages, records } = await send(() => {
    throw new Error('cannot be composed');
  });
  expect(sent).toEqual({ outcome: 'refused', left: [], refused: records });
  expect(messages).toEqual([]);
  expect(fixture.idsWith('pending').size).toBe(3);
});
