import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  type CreateLogGroupCommandInput,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  GetQueryResultsCommand,
  type InputLogEvent,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  paginateFilterLogEvents,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { dayMs, hourMs } from '../../../lambda/common/time.ts';
import type {
  AwsEndpoints,
  AwsEndpointsOptions,
} from '../../../local/aws-endpoints/aws-endpoints.ts';
import { faultsByText } from '../../../local/aws-endpoints/logs/query-store.ts';
import { AwsError } from '../../../local/aws-endpoints/protocol/operation.ts';
import { VirtualClock } from '../../../local/clock.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { memoryEngine } from './memory-engine.ts';
import { clientFor, endpoints, now, stopEndpoints } from './with-endpoints.ts';

const logGroupName = 'airflow-new-Task';
const logStreamName = 'dag_id=d/run_id=r/attempt=1.log';
const place = { logGroupName, logStreamName };

let engine: InsightsEngine;
let clock: VirtualClock;
let started: AwsEndpoints;
let client: CloudWatchLogsClient;

async function open(changes: Partial<AwsEndpointsOptions> = {}): Promise<void> {
  started = await endpoints({ engine, clock, ...changes });
  client = new CloudWatchLogsClient(clientFor(started));
}

beforeAll(async () => {
  engine = await InsightsEngine.open();
});
afterAll(() => engine.close());

beforeEach(async () => {
  clock = new VirtualClock(now);
  await open();
});

afterEach(async () => {
  await stopEndpoints();
  // To open an engine takes longer than most tests.
  for (const { logGroup } of await engine.logGroups()) await engine.deleteLogGroup(logGroup);
});

const createGroup = (changes: Partial<CreateLogGroupCommandInput> = {}) =>
  client.send(new CreateLogGroupCommand({ logGroupName, ...changes }));
const createStream = (name = logStreamName) =>
  client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: name }));
const put = (logEvents: InputLogEvent[], name = logStreamName) =>
  client.send(new PutLogEventsCommand({ logGroupName, logStreamName: name, logEvents }));

async function createPlace(): Promise<void> {
  await createGroup();
  await createStream();
}

/** Events at the given milliseconds from now, with these milliseconds as messages. */
function at(...offsets: number[]): InputLogEvent[] {
  return offsets.map((offset) => ({ timestamp: now + offset, message: `${offset}` }));
}

async function filtered(input: Partial<FilterLogEventsCommandInput> = {}) {
  const { events } = await client.send(new FilterLogEventsCommand({ logGroupName, ...input }));
  return events?.map(({ message }) => message);
}

async function got(input: Partial<GetLogEventsCommandInput> = {}) {
  const answer = await client.send(new GetLogEventsCommand({ ...place, ...input }));
  return { ...answer, messages: answer.events?.map(({ message }) => message) };
}

async function queried(queryString: string, startMs: number, endMs: number) {
  const { queryId } = await client.send(
    new StartQueryCommand({
      ...{ logGroupName, queryString },
      ...{ startTime: Math.floor(startMs / 1000), endTime: Math.floor(endMs / 1000) },
    }),
  );
  const { status, results } = await client.send(new GetQueryResultsCommand({ queryId }));
  return { status, rows: results?.map((row) => row.map(({ value }) => value)) };
}

const invalid = { name: 'InvalidParameterException' };
const noGroup = {
  name: 'ResourceNotFoundException',
  message: 'The specified log group does not exist.',
};
const noStream = { ...noGroup, message: 'The specified log stream does not exist.' };

describe('groups and streams', () => {
  test("a new group has the clock's time and is empty", async () => {
    await createGroup({ kmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/k', tags: { a: 'b' } });
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toMatchObject([
      {
        logGroupName,
        creationTime: now,
        storedBytes: 0,
        kmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/k',
      },
    ]);
    expect(logGroups?.[0]).not.toHaveProperty('retentionInDays');
  });

  test('a new stream has no event times before its first event', async () => {
    await createPlace();
    const streams = () => client.send(new DescribeLogStreamsCommand({ logGroupName }));
    const [empty] = (await streams()).logStreams ?? [];
    expect(empty).toMatchObject({ logStreamName, creationTime: now });
    expect(empty).not.toHaveProperty('lastEventTimestamp');
    clock.set(now + 5);
    await put(at(1, 2));
    expect((await streams()).logStreams).toMatchObject([
      {
        creationTime: now,
        firstEventTimestamp: now + 1,
        lastEventTimestamp: now + 2,
        lastIngestionTime: now + 5,
      },
    ]);
  });

  test('an existing group or stream cannot be created again', async () => {
    await createPlace();
    const exists = { name: 'ResourceAlreadyExistsException' };
    await expect(createGroup()).rejects.toMatchObject({
      ...exists,
      message: 'The specified log group already exists',
    });
    await expect(createStream()).rejects.toMatchObject({
      ...exists,
      message: 'The specified log stream already exists',
    });
  });

  test.each(['a b', 'é', 'a:b', 'a*', 'x'.repeat(513), 'aws/logs', ''])(
    'the group name %j is refused',
    async (name) => {
      await expect(createGroup({ logGroupName: name })).rejects.toMatchObject(invalid);
    },
  );

  test.each(['/aws/mwaa', 'a.b-c_d/E#9', 'x'.repeat(512)])(
    'the group name %j is accepted',
    async (name) => {
      await createGroup({ logGroupName: name });
      const { logGroups } = await client.send(new DescribeLogGroupsCommand({}));
      expect(logGroups).toMatchObject([{ logGroupName: name }]);
    },
  );

  test.each(['a:b', 'a*', 'x'.repeat(513), ''])('the stream name %j is refused', async (name) => {
    await createGroup();
    await expect(createStream(name)).rejects.toMatchObject(invalid);
  });

  test('every operation on a missing group or stream reports it', async () => {
    const commands = [
      () => createStream(),
      () => put(at(0)),
      () => filtered(),
      () => got(),
      () => client.send(new DeleteLogGroupCommand({ logGroupName })),
      () => client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 })),
      () => client.send(new DescribeLogStreamsCommand({ logGroupName })),
    ];
    for (const command of commands) await expect(command()).rejects.toMatchObject(noGroup);
    await createGroup();
    await expect(put(at(0))).rejects.toMatchObject(noStream);
    await expect(got()).rejects.toMatchObject(noStream);
    await expect(filtered({ logStreamNames: ['other'] })).rejects.toMatchObject(noStream);
  });

  test('a deleted group takes its streams and events with it', async () => {
    await createPlace();
    await put(at(0));
    await client.send(new DeleteLogGroupCommand({ logGroupName }));
    await expect(filtered()).rejects.toMatchObject(noGroup);
    await createGroup();
    await expect(put(at(0))).rejects.toMatchObject(noStream);
    await createStream();
    expect(await filtered()).toEqual([]);
    expect(await queried('fields @message', now, now + hourMs)).toMatchObject({ rows: [] });
  });

  test('deleting a group does not affect others', async () => {
    await createPlace();
    await put(at(0));
    await createGroup({ logGroupName: `${logGroupName}2` });
    await client.send(new DeleteLogGroupCommand({ logGroupName: `${logGroupName}2` }));
    expect(await filtered()).toEqual(['0']);
  });

  test('a protected group is not deleted', async () => {
    await createGroup({ deletionProtectionEnabled: true });
    await expect(client.send(new DeleteLogGroupCommand({ logGroupName }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('only the retention periods of AWS are accepted', async () => {
    await createGroup();
    const keep = (retentionInDays: number) =>
      client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
    await expect(keep(2)).rejects.toMatchObject(invalid);
    await keep(3653);
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toMatchObject([{ retentionInDays: 3653 }]);
  });

  test('a window before the retention of all groups cannot be queried', async () => {
    await engine.createLogGroup(logGroupName, now - 10 * dayMs);
    const ask = () => queried('fields @message', now - 4 * dayMs, now - 3 * dayMs - 1000);
    expect(await ask()).toMatchObject({ status: 'Complete' });
    await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 3 }));
    await expect(ask()).rejects.toMatchObject({
      name: 'MalformedQueryException',
      message: expect.stringContaining('retention'),
    });
  });

  test('endpoints that only answer queries report it', async () => {
    await open({ engine: memoryEngine(undefined, []) });
    await expect(createGroup()).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });

  test('an error is JSON with its type and message', async () => {
    const response = await fetch(started.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'Logs_20140328.DeleteLogGroup' },
      body: JSON.stringify({ logGroupName }),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(await response.json()).toEqual({
      __type: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
  });
});

describe('PutLogEvents', () => {
  beforeEach(createPlace);

  test("a put event is found by a query at once, with the clock's ingestion time", async () => {
    clock.set(now + 750);
    expect(await put(at(0, 500))).not.toHaveProperty('rejectedLogEventsInfo');
    const query = 'fields @timestamp, @ingestionTime, @message | sort @timestamp asc';
    expect((await queried(query, now, now + 1000)).rows).toMatchObject([
      ['2026-11-22 06:00:00.000', '2026-11-22 06:00:00.750', '0', expect.anything()],
      ['2026-11-22 06:00:00.500', '2026-11-22 06:00:00.750', '500', expect.anything()],
    ]);
  });

  test('an event from before its group was created is stored, but no query sees it', async () => {
    await put(at(-1, 0));
    expect(await filtered()).toEqual(['-1', '0']);
    expect((await queried('stats count()', now - 1000, now)).rows).toEqual([['1']]);
  });

  test('events older than 14 days or newer than 2 hours are rejected, the rest is stored', async () => {
    const old = -14 * dayMs;
    expect(await put(at(old - 2, old - 1, old))).toMatchObject({
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 2 },
    });
    expect(await put(at(2 * hourMs, 2 * hourMs + 1, 2 * hourMs + 2))).toMatchObject({
      rejectedLogEventsInfo: { tooNewLogEventStartIndex: 1 },
    });
    expect(await filtered()).toEqual([`${old}`, `${2 * hourMs}`]);
  });

  test('events past the retention are rejected as expired', async () => {
    await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 }));
    const { rejectedLogEventsInfo } = await put(at(-dayMs - 2, -dayMs - 1, -dayMs, -dayMs + 1));
    expect(rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 2 });
    expect(await filtered()).toEqual([`${-dayMs}`, `${-dayMs + 1}`]);
  });

  test('a batch of only rejected events is not an error', async () => {
    const { rejectedLogEventsInfo } = await put(at(3 * hourMs));
    expect(rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 0 });
    expect(await filtered()).toEqual([]);
  });

  test.each([
    ['no events', []],
    ['more than 10,000 events', at(...Array.from({ length: 10_001 }, () => 0))],
    ['an empty message', [{ timestamp: now, message: '' }]],
    ['a time before 1970', [{ timestamp: -1, message: 'x' }]],
    ['events out of order', at(1, 0)],
    ['a span of more than 24 hours', at(-dayMs - 1, 0)],
    ['one byte too much in one event', [{ timestamp: now, message: 'x'.repeat(1_048_551) }]],
    [
      'one byte too much in all, counted in UTF-8',
      [
        { timestamp: now, message: 'é'.repeat(262_131) },
        { timestamp: now, message: 'x'.repeat(524_263) },
      ],
    ],
  ])('%s: the batch is refused completely', async (_, events) => {
    await expect(put(events)).rejects.toMatchObject(invalid);
    expect(await filtered()).toEqual([]);
  });

  test.each([
    ['10,000 events', at(...Array.from({ length: 10_000 }, () => 0))],
    ['events of one time', at(0, 0)],
    ['a span of 24 hours', at(-dayMs, 0)],
    ['a span of more only with events that are too old', at(-15 * dayMs, 0)],
    ['1 MB in one event', [{ timestamp: now, message: 'x'.repeat(1_048_550) }]],
    [
      '1 MB in all, counted in UTF-8',
      [
        { timestamp: now, message: 'é'.repeat(262_131) },
        { timestamp: now, message: 'x'.repeat(524_262) },
      ],
    ],
  ])('%s: the batch is accepted', async (_, events) => {
    await put(events);
    const isTooOld = (event: InputLogEvent) => (event.timestamp ?? 0) < now - 14 * dayMs;
    const stored = events.filter((event) => !isTooOld(event)).length;
    expect((await engine.logGroups())[0]?.storedBytes).toBeGreaterThan(0);
    expect(
      (
        await engine.readEvents({
          ...{ logGroup: logGroupName, descending: false, maxEvents: 10_001, maxBytes: 1e9 },
          ...{ firstEpochMs: 0, lastEpochMs: now, nowEpochMs: now },
        })
      ).events,
    ).toHaveLength(stored);
  });

  test('a sequence token is ignored', async () => {
    await client.send(
      new PutLogEventsCommand({ ...place, logEvents: at(0), sequenceToken: 'wrong' }),
    );
    expect(await filtered()).toEqual(['0']);
  });

  test('concurrent batches are stored completely, also during reads', async () => {
    const batches = Array.from({ length: 20 }, (_, index) => at(index, index + 100));
    const writes = batches.map((events) => put(events));
    const reads = batches.flatMap(() => [filtered(), queried('stats count()', now, now + 1000)]);
    await Promise.all([...writes, ...reads]);
    expect((await queried('stats count()', now, now + 1000)).rows).toEqual([['40']]);
  });

  test('the metrics of the group count its events and the bytes of their messages', async () => {
    await put([
      { timestamp: now - hourMs, message: 'né' },
      { timestamp: now, message: 'x' },
    ]);
    const metrics = new CloudWatchClient(clientFor(started));
    const ask = async (MetricName: string) => {
      const { MetricDataResults } = await metrics.send(
        new GetMetricDataCommand({
          StartTime: new Date(now - hourMs),
          EndTime: new Date(now + 2 * hourMs),
          ScanBy: 'TimestampAscending',
          MetricDataQueries: [
            {
              Id: 'm',
              MetricStat: {
                Metric: {
                  ...{ Namespace: 'AWS/Logs', MetricName },
                  Dimensions: [{ Name: 'LogGroupName', Value: logGroupName }],
                },
                ...{ Period: 3600, Stat: 'Sum' },
              },
            },
          ],
        }),
      );
      return MetricDataResults?.[0];
    };
    const hour = [new Date(now)];
    expect(await ask('IncomingLogEvents')).toMatchObject({ Timestamps: hour, Values: [2] });
    expect(await ask('IncomingBytes')).toMatchObject({ Timestamps: hour, Values: [4] });
  });
});

describe('FilterLogEvents', () => {
  beforeEach(createPlace);

  test('events are complete and ordered by time, ingestion and arrival', async () => {
    await createStream('other');
    clock.set(now + 10);
    await put([{ timestamp: now + 5, message: 'late' }]);
    clock.set(now + 5);
    await put([{ timestamp: now + 5, message: 'early' }], 'other');
    await put([{ timestamp: now + 4, message: 'first' }]);
    clock.set(now + 10);
    expect(await filtered()).toEqual(['first', 'early', 'late']);
    const { events, nextToken } = await client.send(new FilterLogEventsCommand({ logGroupName }));
    expect(nextToken).toBeUndefined();
    expect(events?.[1]).toEqual({
      logStreamName: 'other',
      timestamp: now + 5,
      message: 'early',
      ingestionTime: now + 5,
      eventId: expect.stringMatching(/^\d{56}$/),
    });
    expect(new Set(events?.map(({ eventId }) => eventId)).size).toBe(3);
  });

  test('the range includes both ends', async () => {
    await put(at(0, 1, 2, 3));
    expect(await filtered({ startTime: now + 1, endTime: now + 2 })).toEqual(['1', '2']);
  });

  test('streams are selected by name or prefix', async () => {
    await createStream('aa');
    await createStream('ab');
    for (const name of ['aa', 'ab', logStreamName]) {
      await put([{ timestamp: now, message: name }], name);
    }
    expect(await filtered({ logStreamNames: ['ab', 'aa'] })).toEqual(['aa', 'ab']);
    expect(await filtered({ logStreamNamePrefix: 'a' })).toEqual(['aa', 'ab']);
    expect(
      await filtered({ logGroupName: undefined, logGroupIdentifier: logGroupName }),
    ).toHaveLength(3);
  });

  test('pages of any size contain every match once, in both directions', async () => {
    const offsets = Array.from({ length: 30 }, (_, index) => Math.floor(index / 3));
    await put(at(...offsets));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 31 }), fc.boolean(), async (limit, fromHead) => {
        const seen: (string | undefined)[] = [];
        const input = { logGroupName, limit, startTime: now, startFromHead: fromHead };
        for await (const { events = [] } of paginateFilterLogEvents({ client }, input)) {
          expect(events.length).toBeLessThanOrEqual(limit);
          seen.push(...events.map(({ eventId }) => eventId));
        }
        const inOrder = [...new Set(seen)].toSorted();
        expect(seen).toEqual(fromHead ? inOrder : inOrder.toReversed());
        expect(seen).toHaveLength(offsets.length);
      }),
      { numRuns: 12 },
    );
  });

  test('a page contains at most 1 MB of messages, or one event', async () => {
    for (let index = 0; index < 3; index += 1) {
      await put([{ timestamp: now + index, message: `${index}`.repeat(600_000) }]);
    }
    const sizes: (number | undefined)[] = [];
    for await (const { events } of paginateFilterLogEvents({ client }, { logGroupName })) {
      sizes.push(events?.length);
    }
    expect(sizes).toEqual([1, 1, 1]);
  });

  test.each([
    ['', ['[ERROR] add-role of x', '[error] say "hi"', 'WARN add role']],
    ['ERROR', ['[ERROR] add-role of x']],
    ['role WARN', ['WARN add role']],
    ['"add-role"', ['[ERROR] add-role of x']],
    ['"say \\"hi\\""', ['[error] say "hi"']],
    ['?ERROR ?WARN', ['[ERROR] add-role of x', 'WARN add role']],
    ['role -ERROR', ['WARN add role']],
    ['-"add-role"', ['[error] say "hi"', 'WARN add role']],
    ['?ERROR role -WARN', ['[ERROR] add-role of x']],
    ['?ERROR add', ['[ERROR] add-role of x', 'WARN add role']],
  ])('the pattern %j finds %j', async (filterPattern, found) => {
    await put(
      ['[ERROR] add-role of x', '[error] say "hi"', 'WARN add role'].map((message) => ({
        ...{ timestamp: now, message },
      })),
    );
    expect(await filtered({ filterPattern })).toEqual(found);
  });

  test.each([
    ['{ $.a = 1 }', 'patterns for JSON events'],
    ['[a, b]', 'patterns for space-delimited events'],
    ['%ERR%', 'regular expressions'],
    ['x ?%ERR%', 'regular expressions'],
    ['add-role', "term 'add-role'"],
    ['"open', 'no term starts at character 1'],
  ])('the pattern %j is refused by name', async (filterPattern, reason) => {
    await expect(filtered({ filterPattern })).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining(reason),
    });
  });

  test.each<Partial<FilterLogEventsCommandInput>>([
    { limit: 0 },
    { limit: 10_001 },
    { nextToken: 'x' },
    { logStreamNames: [logStreamName], logStreamNamePrefix: 'a' },
    { logGroupIdentifier: logGroupName },
    { logGroupName: undefined },
    { startTime: 2, endTime: 1 },
    { startFromHead: false },
    { startFromHead: false, startTime: Date.UTC(2024, 0, 1) - 1 },
  ])('%j is refused', async (input) => {
    await expect(filtered(input)).rejects.toMatchObject(invalid);
  });

  test('events of an infrequent-access group cannot be listed', async () => {
    await createGroup({ logGroupName: 'ia', logGroupClass: 'INFREQUENT_ACCESS' });
    await expect(filtered({ logGroupName: 'ia' })).rejects.toMatchObject(invalid);
  });
});

describe('GetLogEvents', () => {
  beforeEach(async () => {
    await createPlace();
    await createStream('other');
    await put(at(0), 'other');
  });

  test('paging starts with the last or the first events; each page is in order of time', async () => {
    await put(at(0, 1, 2, 3));
    expect((await got({ limit: 2 })).messages).toEqual(['2', '3']);
    expect((await got({ limit: 2, startFromHead: true })).messages).toEqual(['0', '1']);
    expect((await got()).events?.[0]).toEqual({ timestamp: now, message: '0', ingestionTime: now });
  });

  test('the range includes its start but not its end', async () => {
    await put(at(0, 1, 2, 3));
    expect((await got({ startTime: now + 1, endTime: now + 3 })).messages).toEqual(['1', '2']);
  });

  test('tokens lead through all events to the end, which returns the same token, and back', async () => {
    await put(at(0, 0, 1, 2, 2));
    const first = await got({ limit: 2, startFromHead: true });
    const second = await got({ limit: 2, nextToken: first.nextForwardToken });
    const third = await got({ limit: 2, nextToken: second.nextForwardToken });
    expect([first.messages, second.messages, third.messages]).toEqual([
      ['0', '0'],
      ['1', '2'],
      ['2'],
    ]);

    const end = await got({ nextToken: third.nextForwardToken });
    expect(end.messages).toEqual([]);
    expect(end.nextForwardToken).toBe(third.nextForwardToken);
    expect((await got({ nextToken: end.nextBackwardToken })).messages).toEqual([
      '0',
      '0',
      '1',
      '2',
      '2',
    ]);

    expect((await got({ limit: 2, nextToken: third.nextBackwardToken })).messages).toEqual([
      '1',
      '2',
    ]);
    const before = await got({ nextToken: first.nextBackwardToken });
    expect(before.messages).toEqual([]);
    expect(before.nextBackwardToken).toBe(first.nextBackwardToken);
    expect((await got({ limit: 1, nextToken: before.nextForwardToken })).messages).toEqual(['0']);
  });

  test('a token of an empty stream finds events put later', async () => {
    const empty = await got({ startFromHead: true });
    expect(empty).toMatchObject({ messages: [], nextForwardToken: expect.any(String) });
    await put(at(0));
    expect((await got({ nextToken: empty.nextForwardToken })).messages).toEqual(['0']);
  });

  test.each(['x', 'f/1.2/s', 'f/1.2.x/s'])('the token %j is refused', async (nextToken) => {
    await expect(got({ nextToken })).rejects.toMatchObject(invalid);
  });
});

describe('StartQuery', () => {
  beforeEach(createPlace);

  test.each([
    [undefined, ['0', '999']],
    ['second' as const, ['0', '999']],
    ['millisecond' as const, ['0']],
  ])('with endTime read as %s, the last second contains %j', async (endTime, expected) => {
    await put(at(0, 999, 1000));
    await open(endTime && { endTime });
    const { rows } = await queried('fields @message | sort @timestamp asc', now, now);
    expect(rows?.map(([message]) => message)).toEqual(expected);
  });

  test('a rule can answer a query with any AWS error', async () => {
    const refused = 'End time must be after start time';
    await open({
      queryFault({ startTime, endTime }) {
        if (startTime === endTime) throw new AwsError('InvalidParameterException', refused);
        return undefined;
      },
    });
    const ask = (endMs: number) => queried('fields @message', now, endMs);
    expect(await ask(now + 1000)).toMatchObject({ status: 'Complete' });
    await expect(ask(now)).rejects.toMatchObject({ ...invalid, message: refused });
  });

  test('queries are refused or fail as the rule says', async () => {
    await open({ queryFault: faultsByText({ refuse: /like "b"/, fail: /like "c"/ }) });
    const ask = (term: string) => queried(`filter @message like "${term}"`, now, now);
    expect(await ask('a')).toEqual({ status: 'Complete', rows: [] });
    expect(await ask('c')).toEqual({ status: 'Failed', rows: [] });
    await expect(ask('b')).rejects.toMatchObject({
      name: 'MalformedQueryException',
      queryCompileError: { location: { startCharOffset: 16, endCharOffset: 24 } },
    });
  });
});
