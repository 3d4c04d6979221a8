import { PublishBatchCommand } from '@aws-sdk/client-sns';
import { z } from 'zod';
import {
  type ChatNotification,
  chatNotification,
  chatSummary,
  shortChatNotification,
} from '../../../lambda/messages/chat-message.ts';
import { testEvent } from '../../../lambda/notify/test-finding.ts';
import { createEntry } from '../../../lambda/tick/create-entry.ts';
import { awsError, putValues } from '../setup/monitor-fixture.ts';
import { grant, monitorWith, published, tickAt } from '../setup/pack-fixture.ts';
import { sampleFinding, sampleSender } from '../setup/sample-finding.ts';

/**
 * What Amazon Q Developer in chat applications accepts, by the parameters that its page lists: "version"
 * and "source" are fixed, "content" needs a description, and the only text type is client-markdown.
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 *
 * The lengths are those that Slack shows of a message: 3,000 characters of a block.
 * https://docs.slack.dev/reference/block-kit/blocks/section-block
 */
const receiver = z.strictObject({
  version: z.literal('1.0'),
  source: z.literal('custom'),
  id: z.string().optional(),
  content: z.strictObject({
    textType: z.literal('client-markdown').optional(),
    title: z.string().min(1).max(250).optional(),
    description: z.string().min(1).max(3000),
    nextSteps: z.array(z.string().min(1).max(3000)).max(10).optional(),
    keywords: z.array(z.string().min(1)).max(10).optional(),
  }),
  metadata: z
    .strictObject({
      threadId: z.string(),
      summary: z.string(),
      eventType: z.string(),
      relatedResources: z.array(z.string()),
      additionalContext: z.record(z.string(), z.string()),
    })
    .partial()
    .optional(),
});

const chatTopicArn = 'arn:aws:sns:eu-west-1:123456789012:chat';
const at = '2026-03-01T08:51:00.000';

type Fixture = ReturnType<typeof monitorWith>;

function withChat(fixture: Fixture): Fixture {
  const config = { ...fixture.monitor.config, chatTopicArn };
  return { ...fixture, monitor: { ...fixture.monitor, config } };
}

function sentTo({ sns }: Fixture): ChatNotification[] {
  return sns.commandCalls(PublishBatchCommand).flatMap(({ args: [{ input }] }) => {
    expect(input.TopicArn).toBe(chatTopicArn);
    return (input.PublishBatchRequestEntries ?? []).map(({ Message = '' }) => JSON.parse(Message));
  });
}

const evil = '<!here> *[ok](https://evil.com)* @channel `x` :white_check_mark:';
const hostile = {
  ...sampleFinding,
  title: `${evil} was given role ${evil}`,
  target: evil.repeat(40),
  role: evil.repeat(40),
  actor: { dag: evil.repeat(40), task: evil, user: evil, dagFile: evil },
};

test.each<[string, ChatNotification]>([
  ['a finding', chatNotification(sampleFinding, sampleSender)],
  ['an update', chatNotification(sampleFinding, sampleSender, { isUpdate: true })],
  ['a hostile finding', chatNotification(hostile, sampleSender)],
  [
    'a summary',
    chatSummary(
      Array.from({ length: 50 }, () => hostile),
      sampleSender,
    ),
  ],
  ['what is left of a refused one', shortChatNotification([hostile], sampleSender)],
])('the receiver accepts %s, and nothing in it formats, mentions or links', (_, notification) => {
  expect(receiver.safeParse(JSON.parse(JSON.stringify(notification))).error).toBeUndefined();
  const { content, metadata } = notification;
  const texts = [content.title, content.description, metadata.summary, ...content.nextSteps];
  for (const text of texts) {
    expect(text).not.toMatch(/[<>*`[\]|]|(^|\s)@|:\w*[a-z]\w*:/m);
    expect(text).not.toContain('://');
  }
});

test('it says who did what to whom, what to do first, and belongs to the finding’s thread', () => {
  const { id, content, metadata } = chatNotification(sampleFinding, sampleSender);
  expect(content.title).toBe(
    'CRITICAL prod: bob was given role Admin by DAG grant_admin, task promote',
  );
  expect(content.description.split('\n')).toEqual([
    'bob was given role Admin by DAG grant_admin, task promote',
    'Who: DAG grant_admin, task promote',
    'Whom: bob',
    'Role: Admin',
    'When: 2026-03-01T08:51:00.000Z to 2026-03-01T08:51:02.345Z',
    'Outcome in the log: succeeded',
    'Environment: prod, account 123456789012, Region eu-west-1',
    'Runbook: docs/runbooks/role-granted.md',
    `Finding ${sampleFinding.id}`,
  ]);
  expect(content.nextSteps[0]).toMatch(/^Ask the owner of DAG grant_admin/);
  expect([id, metadata.threadId]).toEqual([sampleFinding.id, sampleFinding.id]);
});

const streams = {
  'a DAG file': ['airflow-prod-DAGProcessing', 'scheduler_dags/grant.py.log'],
  'the startup script': ['airflow-prod-Scheduler', 'startup_script_execution_vm_1795326412.5.log'],
  'the web server': ['airflow-prod-WebServer', 'webserver_vm'],
} as const;

test.each(Object.entries(streams))(
  'the step for a change by %s speaks of no command that a chat does not show',
  (_, [logGroup, logStream]) => {
    const evidence = sampleFinding.evidence.map((line) => ({ ...line, logGroup, logStream }));
    const finding = { ...sampleFinding, actor: {}, evidence };
    const [step] = chatNotification(finding, sampleSender).content.nextSteps;
    expect(step).toMatch(/\. The mail has the command\.$/);
    expect(step).not.toMatch(/:\.|below|This lists/);
  },
);

test('each finding is one message on the topic of the chat, with the same id as the mail', async () => {
  const fixture = withChat(monitorWith([grant('bob', at), grant('eve', at)]));
  const report = await tickAt(fixture, '09:00');
  const sent = sentTo(fixture);
  expect(sent.map(({ id }) => id).toSorted()).toEqual(
    published(fixture)
      .map(({ id }) => id)
      .toSorted(),
  );
  expect(report).toMatchObject({ notified: 2, sentBeside: { chat: 2 } });
});

test('a message and a test link to the runbook, if its address is known', async () => {
  const base = withChat(monitorWith([grant('bob', at)]));
  const config = { ...base.monitor.config, runbookBaseUrl: 'https://wiki.example.com/books' };
  const fixture = { ...base, monitor: { ...base.monitor, config } };
  await tickAt(fixture, '09:00');
  await createEntry(async () => fixture.monitor)(testEvent, {
    getRemainingTimeInMillis: () => 60_000,
  });
  const lines = sentTo(fixture).flatMap(({ content }) => content.description.split('\n'));
  expect(lines.filter((line) => line.startsWith('Runbook: '))).toEqual([
    'Runbook: https://wiki.example.com/books/role-granted.md',
    'Runbook: https://wiki.example.com/books/send-test.md',
  ]);
});

test('many findings are a few messages: the worst alone, the others in summaries', async () => {
  const times = Array.from(
    { length: 70 },
    (_, second) => `2026-03-01T08:51:${String(second % 60).padStart(2, '0')}.000`,
  );
  const lines = times.map((time, number) => grant(`user${number}`, time));
  const fixture = withChat(monitorWith(lines));
  await tickAt(fixture, '09:00');
  const kinds = sentTo(fixture).map(({ metadata }) => metadata.additionalContext.kind);
  expect(kinds.filter((kind) => kind === 'finding')).toHaveLength(10);
  expect(kinds.filter((kind) => kind === 'summary').length).toBeLessThanOrEqual(2);
  expect(fixture.table.items().filter(({ pk }) => pk === 'pending-chat')).toEqual([]);
});

test('a chat that takes part of a request gets the rest again, and nobody is mailed twice', async () => {
  const fixture = withChat(monitorWith([grant('bob', at), grant('eve', at)]));
  fixture.sns
    .on(PublishBatchCommand)
    .resolvesOnce({
      Successful: [{ Id: '0', MessageId: 'm' }],
      Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false }],
    })
    .callsFake(({ PublishBatchRequestEntries }) => ({
      Successful: PublishBatchRequestEntries.map(({ Id }) => ({ Id, MessageId: 'm' })),
    }));
  await expect(tickAt(fixture, '09:00')).rejects.toThrow('the chat did not take it: InternalError');
  expect(putValues(fixture.cloudWatch)).toMatchObject({ UndeliveredFindings: 1 });
  await tickAt(fixture, '09:05');
  const [, second, again, ...others] = sentTo(fixture);
  expect(others).toEqual([]);
  expect(again).toEqual(second);
  expect(published(fixture)).toHaveLength(2);
});

test('send-test sends a test to the bus and the chat too, and fails if one does not take it', async () => {
  const eventBusArn = 'arn:aws:events:eu-west-1:123456789012:event-bus/findings';
  const base = withChat(monitorWith([]));
  const config = { ...base.monitor.config, eventBusArn };
  const monitor = { ...base.monitor, config };
  const sendTest = () =>
    createEntry(async () => monitor)(testEvent, { getRemainingTimeInMillis: () => 60_000 });
  await sendTest();
  const [sent] = sentTo(base);
  expect(receiver.parse(sent).content.nextSteps).toEqual([expect.stringContaining('Nothing')]);
  const [
    {
      args: [{ input }],
    },
  ] = base.events.calls() as [{ args: [{ input: { Entries: { Detail: string }[] } }] }];
  expect(JSON.parse(input.Entries[0]?.Detail ?? '')).toMatchObject({ kind: 'test' });
  base.sns.on(PublishBatchCommand).rejects(awsError('AuthorizationErrorException', 'no'));
  await expect(sendTest()).rejects.toThrow('no');
});
