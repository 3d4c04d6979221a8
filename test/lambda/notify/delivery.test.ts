import {
  GetLogEventsCommand,
  type GetLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { PublishCommand } from '@aws-sdk/client-sns';
import { awsError, putValues } from '../setup/monitor-fixture.ts';
import { grant, monitorWith, published, tickAt } from '../setup/pack-fixture.ts';

const at = '2026-03-01T08:51:00.000';
const lost = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

function records({ table }: ReturnType<typeof monitorWith>) {
  return table.items().flatMap(({ pk, sk, data }) => {
    const isFinding = `${pk}`.startsWith('stream#') && `${sk}`.startsWith('finding#');
    return isFinding ? [JSON.parse(`${data}`)] : [];
  });
}

function waiting({ table }: ReturnType<typeof monitorWith>): number {
  return table.items().filter(({ pk }) => pk === 'pending').length;
}

test('each publish has its own claim, written before it', async () => {
  const fixture = monitorWith([grant('bob', at), grant('eve', at)]);
  const order: string[] = [];
  const { dynamo } = fixture.monitor;
  Object.assign(dynamo, {
    send: async (command: Parameters<typeof fixture.table.send>[0]) => {
      const text = JSON.stringify(command.input);
      const claimId = /claimId\\":\\"([\w-]+)/.exec(text)?.[1];
      if (claimId !== undefined) order.push(`claim ${claimId}`);
      return fixture.table.send(command);
    },
  });
  fixture.sns.on(PublishCommand).callsFake(async () => {
    order.push('publish');
    return { MessageId: 'm' };
  });
  await tickAt(fixture, '09:00');
  expect(order.filter((step) => step === 'publish')).toHaveLength(2);
  expect(new Set(order.filter((step) => step !== 'publish')).size).toBe(2);
  expect(order[0]).toMatch(/^claim/);
});

test('after a lost answer the finding is not published again while its claim is valid', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  fixture.sns.on(PublishCommand).rejectsOnce(lost).resolves({ MessageId: 'm' });
  await expect(tickAt(fixture, '09:00')).rejects.toThrow('the answer of Publish was lost');
  expect(records(fixture)).toMatchObject([{ delivery: { status: 'claimed' } }]);
  await tickAt(fixture, '09:01');
  expect(published(fixture)).toHaveLength(1);
});

test('after the claim expires it is published again by the same id, and that is counted', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  fixture.sns.on(PublishCommand).rejectsOnce(lost).resolves({ MessageId: 'm' });
  await expect(tickAt(fixture, '09:00')).rejects.toThrow('lost');
  await tickAt(fixture, '09:05');
  await tickAt(fixture, '09:10');
  const [first, second, ...more] = published(fixture);
  expect(more).toEqual([]);
  expect(second.id).toBe(first.id);
  expect(records(fixture)).toMatchObject([
    { unknownPublishes: 1, delivery: { status: 'notified', severity: 'high' } },
  ]);
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({ decision: 'publish-repeated', id: first.id }),
  );
});

test('a message that SNS refuses is replaced by a minimal one with the same id in the same tick', async () => {
  const fixture = monitorWith([grant('bob', at), grant('eve', at)]);
  fixture.sns
    .on(PublishCommand)
    .rejectsOnce(awsError('InvalidParameterException', 'Invalid parameter: Message'))
    .resolves({ MessageId: 'm' });
  await tickAt(fixture, '09:00');
  const messages = published(fixture);
  const minimal = messages.filter(({ kind }) => kind === 'minimal');
  expect(minimal).toHaveLength(1);
  expect(new Set(messages.map((message) => message.id ?? message.findings[0].id)).size).toBe(2);
  expect(minimal[0].Subject).toMatch(/^[\x20-\x7e]{1,99}$/);
  expect(waiting(fixture)).toBe(0);
});

test('while SNS is unavailable the findings stay pending and are counted; later they are sent', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  fixture.sns.on(PublishCommand).rejects(awsError('AuthorizationErrorException', 'no'));
  for (const time of ['09:00', '09:05', '09:10']) {
    fixture.cloudWatch.resetHistory();
    await expect(tickAt(fixture, time)).rejects.toThrow('cannot be published');
    expect(putValues(fixture.cloudWatch)).toMatchObject({
      UndeliveredFindings: 1,
      ScanCompleted: 1,
    });
  }
  expect(waiting(fixture)).toBe(1);
  fixture.sns.reset();
  fixture.sns.on(PublishCommand).resolves({ MessageId: 'm' });
  fixture.cloudWatch.resetHistory();
  await tickAt(fixture, '09:15');
  expect(published(fixture)).toMatchObject([{ target: 'bob' }]);
  expect(putValues(fixture.cloudWatch)).toMatchObject({ UndeliveredFindings: 0 });
  expect(waiting(fixture)).toBe(0);
});

test('a pending finding never expires; a notified one does', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  fixture.sns.on(PublishCommand).rejectsOnce(awsError('AuthorizationErrorException', 'no'));
  await expect(tickAt(fixture, '09:00')).rejects.toThrow('cannot be published');
  const findings = () => fixture.table.items().filter(({ sk }) => `${sk}`.startsWith('finding#'));
  expect(findings().map(({ expiresAt }) => expiresAt)).toEqual([undefined, undefined]);
  fixture.sns.on(PublishCommand).resolves({ MessageId: 'm' });
  await tickAt(fixture, '09:05');
  expect(findings().map(({ expiresAt }) => expiresAt)).toEqual([expect.any(Number)]);
});

test('seen events are stored for the reach of the far sweep plus 14 days', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  await tickAt(fixture, '09:00');
  const [event] = fixture.table.items().filter(({ sk }) => `${sk}`.startsWith('event#'));
  const tick = Date.parse('2026-03-01T09:00:00Z') / 1000;
  expect(event?.expiresAt).toBe(tick + 15 * 86_400);
});

test('an item of a newer schema is refused with its key, and nothing is overwritten', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  await tickAt(fixture, '08:55');
  for (const item of fixture.table.raw('mark')) item.schema = { N: '4' };
  const before = JSON.stringify(fixture.table.items().filter(({ pk }) => pk === 'mark'));
  await expect(tickAt(fixture, '09:00')).rejects.toThrow(
    /ledger item mark \/ lane#\S+: field "schema": must be 1, 2 or 3, .*got 4/,
  );
  expect(JSON.stringify(fixture.table.items().filter(({ pk }) => pk === 'mark'))).toBe(before);
  expect(published(fixture)).toEqual([]);
});

test('a mail names the owner that the DAG names, and differs in nothing else', async () => {
  const mailAfter = async (answer: (dag: string) => Partial<GetLogEventsCommandOutput>) => {
    const fixture = monitorWith([grant('bob', at)]);
    fixture.logs
      .on(GetLogEventsCommand)
      .callsFake(({ logStreamName }) => answer(/dag_id=([^/]+)/.exec(logStreamName)?.[1] ?? ''));
    await tickAt(fixture, '09:00');
    const [call] = fixture.sns.commandCalls(PublishCommand);
    return `${JSON.parse(call?.args[0].input.Message ?? '{}').email}`.split('\n');
  };
  const message = (dag: string) =>
    `Exporting env vars: AIRFLOW_CTX_DAG_OWNER='data' AIRFLOW_CTX_DAG_ID='${dag}'`;
  const named = await mailAfter((dag) => ({ events: [{ message: message(dag) }] }));
  const unnamed = await mailAfter(() => ({ events: [] }));
  expect(named).toHaveLength(unnamed.length);
  expect(named.filter((line, index) => line !== unnamed[index])).toEqual([
    expect.stringContaining('The DAG says that its owner is data;'),
  ]);
});
