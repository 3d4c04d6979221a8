import { gzipSync } from 'node:zlib';
import type { LogEvent } from '../../../../local/log-event.ts';
import { describeProblems } from '../../../../local/log-readers/report/read-report.ts';
import { LogFolder, readAll } from '../log-folder.ts';

const logGroup = 'airflow-prod-Task';
const logStream = 'dag_id=ops/run_id=my first run/task_id=grant/attempt=1.log';

/** The second message has two lines, quotes and delimiters. */
const events: readonly (LogEvent & { readonly ingestionTime: number })[] = [
  '[2026-11-22, 05:49:59 UTC] {{subprocess.py:75}} INFO - Running command: airflow users list',
  '[2026-11-22, 05:50:00 UTC] {{taskinstance.py:1}} ERROR - failed, "x"; a\tb\nTraceback: {"a": [1]}',
  '[2026-11-22, 05:50:01 UTC] {{subprocess.py:93}} INFO - User "bob" added to role "Admin"',
].map((message, index) => {
  const timestamp = 1_795_326_599_120 + index * 900;
  return { logGroup, logStream, timestamp, ingestionTime: timestamp + 3000, message };
});

type Event = (typeof events)[number];

/** As botocore's model names the members of FilteredLogEvent. */
const filtered = events.map(({ logGroup: _, logStream: name, ...event }, index) => ({
  logStreamName: name,
  ...event,
  eventId: `3${'0'.repeat(55)}${index}`,
}));
const answer = { events: filtered, searchedLogStreams: [], nextToken: 'Bxkq6kVGFtq2y_Moigeqscij' };

/** `2026-11-22 05:49:59.120`, as Logs Insights writes a time. */
function insightsTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('T', ' ').replace('Z', '');
}

/** `2026-11-22T05:49:59.120000+00:00`, as Python writes a time. */
function pythonTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000+00:00');
}

const insightsRow = (event: Event) => ({
  '@timestamp': insightsTime(event.timestamp),
  '@ingestionTime': insightsTime(event.ingestionTime),
  '@log': `123456789012:${logGroup}`,
  '@logStream': logStream,
  '@message': event.message,
  '@ptr': 'CmEKJgoi',
});

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const csv = (delimiter = ',') =>
  [
    ['@timestamp', '@ingestionTime', '@log', '@logStream', '@message'],
    ...events.map((event) => Object.values(insightsRow(event)).slice(0, 5).map(quoted)),
  ]
    .map((cells) => cells.join(delimiter))
    .join('\n');

const payload = (some: readonly Event[]) => ({
  messageType: 'DATA_MESSAGE',
  owner: '123456789012',
  logGroup,
  logStream,
  subscriptionFilters: ['all'],
  logEvents: some.map(({ timestamp, message }, index) => ({ id: `${index}`, timestamp, message })),
});
const control = {
  ...payload([]),
  messageType: 'CONTROL_MESSAGE',
  logGroup: '',
  logStream: '',
  logEvents: [{ id: '', timestamp: 1510109208016, message: 'CWL CONTROL MESSAGE' }],
};
const payloads = [control, payload(events.slice(0, 2)), payload(events.slice(2))];
const inBase64 = (value: object) => gzipSync(JSON.stringify(value)).toString('base64');

const retrieval = [
  `Log Group: ${logGroup}`,
  'Time Range: 2026-11-22 05:00:00 UTC to 2026-11-22 06:00:00 UTC',
  '='.repeat(80),
  '',
  ...events.flatMap(({ timestamp, message }) => [
    `Timestamp: ${insightsTime(timestamp)}000 UTC`,
    `Stream: ${logStream}`,
    'Message:',
    message,
    '-'.repeat(80),
    '',
  ]),
  '',
].join('\n');

const whole = ['logGroup', 'logStream', 'timestamp', 'ingestionTime', 'message'] as const;
const noGroup = ['logStream', 'timestamp', 'ingestionTime', 'message'] as const;
const noIngestion = ['logGroup', 'logStream', 'timestamp', 'message'] as const;

/** Name, content of the file, and the parts of an event that the format has. */
const forms: readonly (readonly [string, string | Buffer, readonly (keyof LogEvent)[]])[] = [
  ['filter-log-events', JSON.stringify(answer, null, 4), noGroup],
  ['filter-log-events on one line', JSON.stringify(answer), noGroup],
  [
    'pages of filter-log-events',
    `${JSON.stringify({ ...answer, events: filtered.slice(0, 1) }, null, 4)}\n${JSON.stringify({ ...answer, events: filtered.slice(1) }, null, 4)}\n`,
    noGroup,
  ],
  ['pages in an array', JSON.stringify([answer], null, 2), noGroup],
  [
    'an answer whose list comes last',
    JSON.stringify({ statistics: {}, ...answer }, null, 1),
    noGroup,
  ],
  ["jq '.events[]'", filtered.map((one) => JSON.stringify(one, null, 2)).join('\n'), noGroup],
  ["jq -c '.events[]'", filtered.map((one) => JSON.stringify(one)).join('\n'), noGroup],
  ["jq '.events'", JSON.stringify(filtered, null, 2), noGroup],
  [
    'get-log-events',
    JSON.stringify(
      {
        events: filtered.map(({ timestamp, message, ingestionTime }) => ({
          timestamp,
          message,
          ingestionTime,
        })),
        nextForwardToken: 'f/1',
        nextBackwardToken: 'b/1',
      },
      null,
      4,
    ),
    ['timestamp', 'ingestionTime', 'message'],
  ],
  [
    '--output text of filter-log-events',
    filtered
      .map(
        (one) =>
          `EVENTS\t${one.eventId}\t${one.ingestionTime}\t${one.logStreamName}\t${one.message}\t${one.timestamp}`,
      )
      .join('\n'),
    noGroup,
  ],
  [
    '--output text of get-log-events',
    `b/34${'0'.repeat(53)}/s\tf/34${'0'.repeat(53)}/s\n${filtered.map((one) => `EVENTS\t${one.ingestionTime}\t${one.message}\t${one.timestamp}`).join('\n')}`,
    ['timestamp', 'ingestionTime', 'message'],
  ],
  [
    'times and messages of --output text',
    filtered.map((one) => `${one.timestamp}\t${one.message}`).join('\n'),
    ['timestamp', 'message'],
  ],
  [
    'times and messages of --output json',
    JSON.stringify(
      filtered.map((one) => [one.timestamp, one.message]),
      null,
      4,
    ),
    ['timestamp', 'message'],
  ],
  [
    'logs tail',
    events.map((one) => `${pythonTime(one.timestamp)} ${logStream} ${one.message}`).join('\n'),
    ['logStream', 'timestamp', 'message'],
  ],
  [
    'logs tail in colour',
    events
      .map(
        (one) =>
          `\u001b[32m${pythonTime(one.timestamp)}\u001b[0m \u001b[36m${logStream}\u001b[0m ${one.message}`,
      )
      .join('\n'),
    ['logStream', 'timestamp', 'message'],
  ],
  [
    'updates of start-live-tail',
    events
      .map((one) =>
        JSON.stringify({
          sessionUpdate: {
            sessionMetadata: { sampled: false },
            sessionResults: [
              {
                logStreamName: logStream,
                logGroupIdentifier: `arn:aws:logs:eu-west-1:123456789012:log-group:${logGroup}`,
                message: one.message,
                timestamp: one.timestamp,
                ingestionTime: one.ingestionTime,
              },
            ],
          },
        }),
      )
      .join('\n'),
    whole,
  ],
  [
    'get-query-results',
    JSON.stringify(
      {
        queryLanguage: 'CWLI',
        results: events.map((one) =>
          Object.entries(insightsRow(one)).map(([field, value]) => ({ field, value })),
        ),
        statistics: { recordsMatched: 3 },
        status: 'Complete',
      },
      null,
      4,
    ),
    whole,
  ],
  ['JSON of the Insights console', JSON.stringify(events.map(insightsRow), null, 2), whole],
  ['CSV of the Insights console', csv(), whole],
  [
    'CSV with semicolons, a byte order mark and CRLF',
    `\ufeff${csv(';').replaceAll('\n', '\r\n')}`,
    whole,
  ],
  [
    'CSV of the console for log events',
    `timestamp,message\n${events.map((one) => `${one.timestamp},${quoted(one.message)}`).join('\n')}`,
    ['timestamp', 'message'],
  ],
  [
    'subscription payloads, a line each',
    payloads.map((one) => JSON.stringify(one)).join('\n'),
    noIngestion,
  ],
  [
    'subscription payloads without line ends',
    payloads.map((one) => JSON.stringify(one)).join(''),
    noIngestion,
  ],
  [
    'subscription payloads, a gzip member each',
    Buffer.concat(payloads.map((one) => gzipSync(JSON.stringify(one)))),
    noIngestion,
  ],
  [
    'subscription payloads, compressed by Firehose again',
    gzipSync(Buffer.concat(payloads.map((one) => gzipSync(JSON.stringify(one))))),
    noIngestion,
  ],
  [
    'a payload whose names come last',
    JSON.stringify(Object.fromEntries(Object.entries(payload(events)).reverse())),
    noIngestion,
  ],
  [
    'records of Kinesis',
    JSON.stringify(
      {
        Records: payloads.map((one) => ({
          SequenceNumber: '1',
          Data: inBase64(one),
          PartitionKey: 'x',
        })),
        MillisBehindLatest: 0,
      },
      null,
      4,
    ),
    noIngestion,
  ],
  [
    "Lambda's event of a subscription",
    JSON.stringify({ awslogs: { data: inBase64(payload(events)) } }),
    noIngestion,
  ],
  ["AWS Support's log retrieval", retrieval, noIngestion],
  ["AWS Support's log retrieval with CRLF", retrieval.replaceAll('\n', '\r\n'), noIngestion],
  [
    'awslogs',
    events.map((one) => `${logGroup} ${logStream} ${one.message}`).join('\n'),
    ['logGroup', 'logStream', 'message'],
  ],
  [
    'awslogs with times',
    events
      .map(
        (one) =>
          `\u001b[32m${logGroup}\u001b[0m \u001b[36m${logStream}\u001b[0m ${new Date(one.timestamp).toISOString()} ${new Date(one.ingestionTime).toISOString()} ${one.message}`,
      )
      .join('\n'),
    whole,
  ],
  [
    'awslogs without the group',
    events
      .map((one) => `${logStream} ${new Date(one.timestamp).toISOString()} ${one.message}`)
      .join('\n'),
    ['logStream', 'timestamp', 'message'],
  ],
];

let folder: LogFolder;
beforeEach(() => {
  folder = new LogFolder();
});
afterEach(() => {
  folder.remove();
});

test.each(forms)(
  '%s: every event is read with all that the format has of it',
  async (_, content, parts) => {
    const path = folder.write('export.txt', content);
    const { events: read, report } = await readAll(path);
    expect(describeProblems(report)).toEqual([]);
    const pick = (event: LogEvent) => parts.map((part) => event[part]);
    expect(read.map(pick)).toEqual(events.map(pick));
  },
);

test.each(forms)(
  '%s: a group that is not named comes from the option',
  async (_, content, parts) => {
    const path = folder.write('export.txt', content);
    const { events: read, report } = await readAll(path, { logGroup: 'airflow-x-Worker' });
    const expected = parts.includes('logGroup') ? logGroup : 'airflow-x-Worker';
    expect(new Set(read.map((event) => event.logGroup))).toEqual(new Set([expected]));
    expect(report.unknownTypes).toEqual([]);
  },
);

test("MWAA's name of a stream shows the log type of an answer that names no group", async () => {
  const path = folder.write('export.json', JSON.stringify(answer));
  const { events: read } = await readAll(path, { environment: 'prod' });
  expect(new Set(read.map((event) => event.logGroup))).toEqual(new Set([logGroup]));
});

test('the name of a file shows the group of an answer that names none', async () => {
  const plain = filtered.map(({ timestamp, message }) => ({ timestamp, message }));
  const path = folder.write('airflow-prod-WebServer.json', JSON.stringify({ events: plain }));
  const { events: read } = await readAll(path);
  expect(new Set(read.map((event) => event.logGroup))).toEqual(new Set(['airflow-prod-WebServer']));
});

test.each(forms.filter(([name]) => !/times and messages|logs tail|awslogs/.test(name)))(
  '%s: a file that is cut off is not read as a whole one',
  async (_, content) => {
    const bytes = Buffer.from(content);
    const path = folder.write('export.txt', bytes.subarray(0, bytes.length - 150));
    const outcome = await readAll(path).then(
      ({ report }) => describeProblems(report),
      (error: Error) => [error.message],
    );
    expect(outcome).not.toEqual([]);
  },
);

test('an answer without events is an empty file', async () => {
  folder.write('a.json', JSON.stringify({ events: [], searchedLogStreams: [] }, null, 4));
  folder.write('b.json', JSON.stringify(answer));
  const { events: read, report } = await readAll(folder.path);
  expect(read).toHaveLength(3);
  expect(report).toMatchObject({
    isComplete: true,
    skipped: [{ reason: 'it contains no events' }],
  });
});

test('an answer of any length on one line is read element by element', async () => {
  const message = 'x'.repeat(200_000);
  const many = Array.from({ length: 150 }, (_, index) => ({
    ...filtered[0],
    timestamp: 1_795_326_599_120 + index,
    message,
  }));
  const path = folder.write('export.json', JSON.stringify({ events: many }));
  const { events: read, report } = await readAll(path);
  expect(describeProblems(report)).toEqual([]);
  expect(read.map(({ timestamp }) => timestamp)).toEqual(many.map(({ timestamp }) => timestamp));
});

test('a broken event in a long answer does not lose the others', async () => {
  const lines = JSON.stringify(answer, null, 4).split('\n');
  const at = lines.findIndex((line) => line.includes('Traceback'));
  lines[at] = `${lines[at]?.slice(0, 60)}`;
  const path = folder.write('export.json', lines.join('\n'));
  const { events: read, report } = await readAll(path);
  expect(read.map(({ timestamp }) => timestamp)).toEqual([
    events[0]?.timestamp,
    events[2]?.timestamp,
  ]);
  expect(report.badLines[0]).toMatchObject({
    line: expect.any(Number),
    reason: expect.stringMatching(/^not JSON/),
  });
});

test('a message cannot end its own event with a row of dashes', async () => {
  const forged = `first\n${'-'.repeat(80)}\nsecond`;
  const text = retrieval.replace(events[0]?.message ?? '', forged);
  const { events: read } = await readAll(folder.write('x.txt', text));
  expect(read[0]?.message).toBe(forged);
  expect(read).toHaveLength(3);
});

test('a message cannot leave its log group by the form of awslogs', async () => {
  const forged = `x\nairflow-prod-WebServer s [2026-11-22, 05:50:00 UTC] {{a.py:1}} INFO - y`;
  const text = `${logGroup} ${logStream} ${events[0]?.message} ${forged}\n`;
  const { events: read } = await readAll(folder.write('x.txt', text));
  expect(read).toMatchObject([{ logGroup, message: `${events[0]?.message} ${forged}` }]);
});

test.each([
  [
    'a result without @message',
    '@timestamp,count()\n2026-11-22 05:50:00.000,4\n',
    /fields @timestamp/,
  ],
  [
    'a result without @message',
    JSON.stringify({ results: [[{ field: 'count()', value: '4' }]], status: 'Complete' }),
    /fields @timestamp/,
  ],
  ['YAML', 'events:\n- eventId: "1"\n  message: x\n', /YAML of the AWS CLI; .*--output json/],
  [
    'a table',
    `${'-'.repeat(40)}\n|            FilterLogEvents           |\n+${'-'.repeat(38)}+\n`,
    /a table of the AWS CLI; .*--output json/,
  ],
  ['Markdown', '| @timestamp | @message |\n| --- | --- |\n| 2026-11-22 | x |\n', /Markdown/],
  [
    'a Python object',
    "{'events': [{'timestamp': 1, 'message': 'x'}]}\n",
    /Python object; write it with json.dumps/,
  ],
  [
    'an error of S3',
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
    /error message of S3/,
  ],
  [
    'a pointer of Git LFS',
    'version https://git-lfs.github.com/spec/v1\noid sha256:4d\n',
    /git lfs pull/,
  ],
  [
    'CloudTrail',
    JSON.stringify({ Records: [{ eventVersion: '1.08', eventSource: 'kms.amazonaws.com' }] }),
    /CloudTrail/,
  ],
  [
    'other JSON',
    JSON.stringify({ logStreams: [{ logStreamName: 'x' }] }),
    /it has no message: it has logStreams/,
  ],
])('%s is refused with what it is and what to do', async (_, content, reason) => {
  const path = folder.write('export.txt', content);
  await expect(readAll(path)).rejects.toThrow(reason);
});
