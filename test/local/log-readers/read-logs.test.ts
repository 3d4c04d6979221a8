import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LogEvent } from '../../../local/log-event.ts';
import { type LogReading, readLogs } from '../../../local/log-readers/read-logs.ts';
import { describeProblems } from '../../../local/log-readers/report/read-report.ts';
import { collect } from './collect.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function eventsOf(reading: LogReading): Promise<LogEvent[]> {
  return collect(reading);
}

function event(message: string, timestamp = 1_795_326_721_736): LogEvent {
  return { logGroup: 'airflow-prod-Task', logStream: 'a', timestamp, message };
}

function ndjson(...events: readonly object[]): string {
  return events.map((one) => `${JSON.stringify(one)}\n`).join('');
}

function stamped(text: string): string {
  return `[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - ${text}\n`;
}

const taskLog = 'dag_id=a/run_id=b/task_id=c/attempt=1.log';

describe('NDJSON', () => {
  test.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['gzip', (text: string) => gzipSync(text)],
    ['gzip of two members', (text: string) => Buffer.concat([gzipSync(text), gzipSync('')])],
    ['with CRLF', (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['with a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['without a last line end', (text: string) => Buffer.from(text.trimEnd())],
    ['with empty lines', (text: string) => Buffer.from(`\n${text}\n \n`)],
  ])('%s is read completely', async (_how, encode) => {
    const events = [event('one'), { ...event('two'), ingestionTime: 1_795_326_800_000 }];
    const path = write('events.jsonl', encode(ndjson(...events)));
    const reading = readLogs(path);
    expect(await eventsOf(reading)).toEqual(events);
    expect(reading.report).toMatchObject({ files: 1, events: 2, badLineCount: 0 });
  });

  test('messages of any content are read unchanged', async () => {
    const messages = [
      'NUL \u0000 here',
      'half of a pair \ud800',
      'line ends \r\n \n \u2028 \u0085',
      '\u001b[31mred',
      '<script>',
      '',
      'x'.repeat(256 * 1024),
      randomBytes(200_000).toString('base64'),
    ];
    const path = write('events.jsonl', ndjson(...messages.map((message) => event(message))));
    const events = await eventsOf(readLogs(path));
    expect(events.map(({ message }) => message)).toEqual(messages);
  });

  test('broken lines are left out, counted and reported, the rest is read', async () => {
    const lines = [
      JSON.stringify(event('good')),
      '{"logGroup": "airflow-prod-Task", "logStr',
      JSON.stringify({ ...event('x'), timestamp: 'now' }),
      JSON.stringify(event('good')),
    ];
    const path = write('events.jsonl', lines.join('\n'));
    const reading = readLogs(path);
    expect(await eventsOf(reading)).toHaveLength(2);
    expect(reading.report.badLines).toEqual([
      { file: path, line: 2, reason: expect.stringMatching(/^not JSON: /) },
      { file: path, line: 3, reason: expect.stringContaining('timestamp must be whole') },
    ]);
  });

  test('the first of many broken lines are listed with their errors, all are counted and numbered', async () => {
    const bad = Array.from({ length: 500 }, () => '{"logGroup":"g"}').join('\n');
    const path = write('events.jsonl', `${ndjson(event('good'))}${bad}`);
    const reading = readLogs(path);
    await eventsOf(reading);
    expect(reading.report.badLineCount).toBe(500);
    expect(reading.report.badLines).toHaveLength(10);
    expect(describeProblems(reading.report).at(-1)).toBe(
      `${path}: 490 more lines were left out: 12-501`,
    );
  });

  test('scattered line numbers are listed up to a limit', async () => {
    const lines = Array.from({ length: 120 }, (_, n) => (n % 2 ? ndjson(event('good')) : 'bad\n'));
    const path = write('events.jsonl', ndjson(event('good')) + lines.join(''));
    const reading = readLogs(path);
    await eventsOf(reading);
    const [numbers = ''] = describeProblems(reading.report).slice(-1);
    expect(numbers).toContain(`${path}: 50 more lines were left out: 22, 24, 26, `);
    expect(numbers).toMatch(/, 60, …$/);
  });

  test('line numbers continue across the pieces of a file', async () => {
    const good = ndjson(...Array.from({ length: 20_000 }, () => event('x'.repeat(40))));
    const reading = readLogs(write('events.jsonl', `${good}broken\n`));
    expect(await eventsOf(reading)).toHaveLength(20_000);
    expect(reading.report.badLines.map(({ line }) => line)).toEqual([20_001]);
  });

  test('a file without a readable line is an error that names the first', async () => {
    const path = write('events.jsonl', ndjson({ logGroup: 'g' }, { logGroup: 'g' }));
    await expect(eventsOf(readLogs(path))).rejects.toThrow(
      `cannot read ${path}: no line can be read; line 1: logStream is missing`,
    );
  });

  test('truncated gzip data gives the lines before the end, and is reported', async () => {
    const events = Array.from({ length: 200 }, (_, i) =>
      event(`${i} ${randomBytes(600).toString('hex')}`),
    );
    const whole = gzipSync(ndjson(...events));
    const reading = readLogs(write('e.gz', whole.subarray(0, whole.length / 2)));
    const read = await eventsOf(reading);
    expect(read.length).toBeGreaterThan(50);
    expect(read).toEqual(events.slice(0, read.length));
    expect(reading.report.badLines.at(-1)?.reason).toContain('the gzip data is broken');
  });
});

describe('Airflow logs', () => {
  test('a line without a stamp continues the record before it', async () => {
    write(
      taskLog,
      '[2024-07-06T12:34:20.495+0000] {a.py:1} ERROR - failed\nTraceback:\n\n  x\n[2024-07-06T12:34:21.000+0000] {a.py:2} INFO - next\n',
    );
    expect(await eventsOf(readLogs(folder, { environment: 'prod' }))).toEqual([
      {
        logGroup: 'airflow-prod-Task',
        logStream: taskLog,
        timestamp: Date.parse('2024-07-06T12:34:20.495Z'),
        message: '[2024-07-06T12:34:20.495+0000] {a.py:1} ERROR - failed\nTraceback:\n\n  x',
      },
      {
        logGroup: 'airflow-prod-Task',
        logStream: taskLog,
        timestamp: Date.parse('2024-07-06T12:34:21Z'),
        message: '[2024-07-06T12:34:21.000+0000] {a.py:2} INFO - next',
      },
    ]);
  });

  test('every line of a service is an event, at the time of the last stamp', async () => {
    write(
      'webserver/a.log',
      '[2023-03-22 14:52:37,546] {a.py:1} ERROR - failed\nTraceback:\n  x\n',
    );
    const events = await eventsOf(readLogs(folder));
    expect(events.map(({ message }) => message)).toEqual([
      '[2023-03-22 14:52:37,546] {a.py:1} ERROR - failed',
      'Traceback:',
      '  x',
    ]);
    expect(new Set(events.map(({ timestamp }) => timestamp))).toEqual(
      new Set([Date.parse('2023-03-22T14:52:37.546Z')]),
    );
  });

  test('nothing is appended to a JSON record', async () => {
    write(taskLog, '{"timestamp":"2026-11-22T05:55:38Z","event":"x"}\nplain\n{"event":"y"}\n');
    const events = await eventsOf(readLogs(folder));
    expect(events.map(({ message }) => message)).toEqual([
      '{"timestamp":"2026-11-22T05:55:38Z","event":"x"}',
      'plain',
      '{"event":"y"}',
    ]);
  });

  test('lines before the first stamp have its time', async () => {
    write(taskLog, 'first\n[2023-03-22 14:52:37,546] {a.py:1} INFO - x\n');
    const [first] = await eventsOf(readLogs(folder));
    expect(first).toMatchObject({
      message: 'first',
      timestamp: Date.parse('2023-03-22T14:52:37.546Z'),
    });
  });

  test('a file without a stamp is refused: its modification time is not the time of its lines', async () => {
    const path = write('webserver.log', '{"event":"x"}\n');
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    await expect(eventsOf(readLogs(path))).rejects.toThrow('no line has a time');
  });

  test('a line whose time cannot be read is reported, and has the time of the line before it', async () => {
    const path = write(
      'scheduler.log',
      `${stamped('first')}[22.11.2026 05:50:01] {{a.py:1}} INFO - airflow users\n${stamped('x')}`,
    );
    const reading = readLogs(path);
    const events = await eventsOf(reading);
    expect(events[1]).toMatchObject({
      timestamp: events[0]?.timestamp,
      message: '[22.11.2026 05:50:01] {{a.py:1}} INFO - airflow users',
    });
    expect(reading.report).toMatchObject({
      isComplete: false,
      doubts: [{ file: path, line: 2, reason: expect.stringContaining('an unknown format') }],
    });
  });

  test('a file in which no time can be read is refused with the first time', async () => {
    const path = write('scheduler.log', '[1795326599] {{a.py:1}} INFO - airflow users\n');
    await expect(eventsOf(readLogs(path))).rejects.toThrow(
      /line 1: its time 1795326599 has an unknown format/,
    );
  });

  test('a JSON record whose time cannot be read is reported if no other line has one', async () => {
    const path = write('scheduler.log', '{"timestamp":1795326601,"event":"x"}\n');
    await expect(eventsOf(readLogs(path))).rejects.toThrow(
      'line 1: its time 1795326601 is not an ISO time',
    );
  });

  test('a time in the far future is read and reported', async () => {
    const path = write('scheduler.log', stamped('x'));
    const reading = readLogs(path, { nowEpochMs: Date.UTC(2022, 0) });
    expect(await eventsOf(reading)).toHaveLength(1);
    expect(reading.report.doubts).toMatchObject([
      { line: 1, reason: expect.stringContaining('more than a year ahead') },
    ]);
  });

  test('lines before the first stamp have its time, however many there are', async () => {
    write('webserver/a.log', `${'banner\n'.repeat(200_000)}${stamped('x')}`);
    const events = await eventsOf(readLogs(folder));
    expect(events).toHaveLength(200_001);
    expect(new Set(events.map(({ timestamp }) => timestamp))).toEqual(
      new Set([Date.parse('2024-07-06T12:34:20.495Z')]),
    );
  });

  test("an export to S3 gives CloudWatch's own events with their times and complete messages", async () => {
    const stream = 'webserver_ip-10-0-13-146.eu-west-1.compute.internal_1795320000.1.log';
    const request =
      '10.0.13.5 - admin [22/Nov/2026:05:50:10 +0000] "POST /users/edit/6 HTTP/1.1" 302 249';
    write(
      `airflow-prod-WebServer/453054b5/${stream}/000000.gz`,
      gzipSync(
        `2026-11-22T05:50:10.123Z ${request}\n2026-11-22T05:50:11.000Z failed\nTraceback:\n  x\n`,
      ),
    );
    const about = { logGroup: 'airflow-prod-WebServer', logStream: stream };
    expect(await eventsOf(readLogs(folder))).toEqual([
      { ...about, timestamp: Date.parse('2026-11-22T05:50:10.123Z'), message: request },
      {
        ...about,
        timestamp: Date.parse('2026-11-22T05:50:11Z'),
        message: 'failed\nTraceback:\n  x',
      },
    ]);
  });

  test('lines after a text of an unknown program are refused: they do not start with a stamp', async () => {
    const request =
      '10.0.13.5 - admin [22/Nov/2026:05:50:10 +0000] "POST /users/edit/6 HTTP/1.1" 302 249';
    const path = write('webserver.log', `%% ${request}\n`.repeat(3));
    await expect(eventsOf(readLogs(path))).rejects.toThrow(
      /line 1: there is text before the stamp/,
    );
  });

  test('a record over the limit of an event is split without losing a character', async () => {
    const text = `[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - ${'é😀'.repeat(100_000)}`;
    write(taskLog, `${text}\n`);
    const events = await eventsOf(readLogs(folder));
    expect(events.map(({ message }) => message).join('')).toBe(text);
    for (const { message } of events) {
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(256 * 1024);
    }
  });

  test('endless lines without a stamp do not form one endless event', async () => {
    const lines = [
      '[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - x',
      ...Array(9_000).fill('y'.repeat(99)),
    ];
    write(taskLog, lines.join('\n'));
    const events = await eventsOf(readLogs(folder));
    expect(events.flatMap(({ message }) => message.split('\n'))).toEqual(lines);
    expect(events.length).toBeGreaterThan(3);
  });

  test('an unknown zone is reported with its line', async () => {
    write(taskLog, '[2023-04-14, 13:12:29 XYZ] {a.py:1} INFO - x\n');
    const reading = readLogs(folder);
    await eventsOf(reading);
    expect(reading.report.doubts).toEqual([
      { file: join(folder, taskLog), line: 1, reason: expect.stringContaining('time zone XYZ') },
    ]);
  });

  test('a line longer than an event is cut between two words, and reported', async () => {
    const path = write('scheduler.log', stamped('airflow users '.repeat(40_000)));
    const reading = readLogs(path);
    const events = await eventsOf(reading);
    expect(events.length).toBeGreaterThan(2);
    for (const { message } of events) expect(message.trim()).toMatch(/(airflow|users)$/);
    expect(reading.report.doubts).toMatchObject([
      { line: 1, reason: expect.stringContaining('longer than an event') },
    ]);
  });

  test('an event quoted in a task log does not make it NDJSON', async () => {
    const quoted = `[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - x\n${ndjson(event('x'))}`;
    const [first] = await eventsOf(readLogs(write('x.log', quoted)));
    expect(first?.logGroup).toBe('airflow-local-Unknown');
  });
});

describe('folders', () => {
  test('are walked in the order of names, each file by its content', async () => {
    write('b/events.txt', ndjson(event('second')));
    write('a.log', '[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - first\n');
    write('c.bin', gzipSync(ndjson(event('third'))));
    const events = await eventsOf(readLogs(folder));
    expect(events.map(({ message }) => message.split(' ').at(-1))).toEqual([
      'first',
      'second',
      'third',
    ]);
  });

  test('files that are not logs are reported as not read', async () => {
    write('events.jsonl', ndjson(event('x')));
    write('README.md', '# Logs\n');
    write('empty.log', '');
    write('picture.png', randomBytes(1000));
    const reading = readLogs(folder);
    expect(await eventsOf(reading)).toHaveLength(1);
    expect(reading.report.skipped.map(({ file }) => file)).toEqual(
      ['README.md', 'empty.log', 'picture.png'].map((name) => join(folder, name)),
    );
  });

  test('a file that cannot be read is reported and does not prevent the others from being read', async () => {
    write('a.jsonl', ndjson({ logGroup: 'g' }));
    write('b.log.bz2', 'BZh91AY&SY.');
    write('c.gz', gzipSync(ndjson(event('x'))).subarray(0, 20));
    write('d.jsonl', ndjson(event('good')));
    const reading = readLogs(folder);
    expect((await eventsOf(reading)).map(({ message }) => message)).toEqual(['good']);
    expect(reading.report.isComplete).toBe(false);
    expect(reading.report.skipped).toEqual(
      [
        { file: join(folder, 'a.jsonl'), reason: expect.stringContaining('no line can be read') },
        { file: join(folder, 'b.log.bz2'), reason: expect.stringContaining('bzip2') },
        { file: join(folder, 'c.gz'), reason: expect.stringContaining('cut off') },
      ].map((file) => ({ ...file, isHarmless: false })),
    );
  });

  test.each([
    ['of NUL bytes only', Buffer.alloc(5_000)],
    ['of a few bytes that are not text', Buffer.from([0xff, 10])],
  ])('a file %s is not an empty one', async (_, content) => {
    write('events.jsonl', ndjson(event('x')));
    write('webserver.log', content);
    const reading = readLogs(folder);
    await eventsOf(reading);
    expect(reading.report.skipped).toMatchObject([
      { reason: expect.stringContaining('its bytes are not text') },
    ]);
    expect(reading.report.isComplete).toBe(false);
  });

  test('other files next to logs leave the report complete', async () => {
    write('events.jsonl', ndjson(event('x')));
    write('empty.log', '');
    write('blank.log.gz', gzipSync('\n \n'));
    write('aws-logs-write-test', 'Permission Check Successful');
    write('.DS_Store', Buffer.from([0, 0, 0, 1, 0x42, 0x75, 0x64, 0x31]));
    symlinkSync('/nowhere/logs/2026-11-22', join(folder, 'latest'));
    const reading = readLogs(folder);
    await eventsOf(reading);
    expect(reading.report.skipped).toHaveLength(5);
    expect(reading.report.isComplete).toBe(true);
  });

  test('a link that leads out of the folder counts as missing', async () => {
    write('logs/events.jsonl', ndjson(event('x')));
    write('elsewhere/more.jsonl', ndjson(event('y')));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'logs/more'));
    const reading = readLogs(join(folder, 'logs'));
    expect(await eventsOf(reading)).toHaveLength(1);
    expect(reading.report.isComplete).toBe(false);
  });

  test("Airflow's link to the latest day is not read twice", async () => {
    write('scheduler/2026-11-22/x.py.log', '[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - x\n');
    symlinkSync(join(folder, 'scheduler/2026-11-22'), join(folder, 'scheduler/latest'));
    const reading = readLogs(folder);
    expect(await eventsOf(reading)).toHaveLength(1);
    expect(reading.report.skipped).toEqual([
      {
        file: join(folder, 'scheduler/latest'),
        reason: 'a symbolic link to a folder',
        isHarmless: true,
      },
    ]);
  });

  test('a link to the folder itself causes no loop', async () => {
    write('events.jsonl', ndjson(event('x')));
    symlinkSync(folder, join(folder, 'again'));
    expect(await eventsOf(readLogs(folder))).toHaveLength(1);
  });
});

test.each([
  ['nowhere', 'no such file or directory'],
  ['notes.txt', 'neither NDJSON events'],
  ['empty', 'none of its 0 files'],
  ['nothing.jsonl', 'it is empty'],
  ['head.gz', 'the gzip data is broken'],
])('%s is refused by name with one sentence', async (name, reason) => {
  write('notes.txt', 'hello\n');
  write('nothing.jsonl', '');
  write('head.gz', gzipSync('x').subarray(0, 11));
  mkdirSync(join(folder, 'empty'));
  const path = join(folder, name);
  const error = await eventsOf(readLogs(path)).catch((thrown) => thrown);
  expect(error).toMatchObject({ name: 'LogReadError' });
  expect(error.message).toContain(`cannot read ${path}: `);
  expect(error.message).toContain(reason);
  expect(error.message).not.toContain('\n');
});

test('an environment name that MWAA does not allow is refused', () => {
  expect(() => readLogs(folder, { environment: '1 x' })).toThrow('got "1 x"');
});

test('progress grows to the total of all files', async () => {
  write('a.jsonl', ndjson(...Array.from({ length: 9_000 }, () => event('x'.repeat(50)))));
  write('b.jsonl.gz', gzipSync(ndjson(event('x'))));
  const seen: number[] = [];
  let total = 0;
  const onProgress = ({ bytesRead, totalBytes }: { bytesRead: number; totalBytes: number }) => {
    seen.push(bytesRead);
    total = totalBytes;
  };
  await eventsOf(readLogs(folder, { onProgress }));
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.length).toBeGreaterThan(3);
  expect(seen.at(-1)).toBe(total);
});

test('a reading can be repeated, and the report is about the latest', async () => {
  const reading = readLogs(write('events.jsonl', ndjson(event('x'))));
  expect(await eventsOf(reading)).toEqual(await eventsOf(reading));
  expect(reading.report).toMatchObject({ files: 1, events: 1 });
});

describe('the log type', () => {
  test.each([
    ['of a file', (path: string) => path],
    ['of a folder', () => folder],
  ])('can be given if the path %s does not show it', async (_, root) => {
    const path = write('airflow.log', stamped('x'));
    const [of] = await eventsOf(readLogs(root(path), { logType: 'Worker' }));
    expect(of?.logGroup).toBe('airflow-local-Worker');
  });

  test('overrides the path of a single file, but in a folder applies only to paths that do not show one', async () => {
    const path = write('worker.log', stamped('x'));
    const [alone] = await eventsOf(readLogs(path, { logType: 'Task' }));
    expect(alone?.logGroup).toBe('airflow-local-Task');
    const [among] = await eventsOf(readLogs(folder, { logType: 'Task' }));
    expect(among?.logGroup).toBe('airflow-local-Worker');
  });

  test('if unknown, is requested by naming the option and the file', async () => {
    const path = write('airflow.log', stamped('x'));
    await expect(eventsOf(readLogs(path, { unknownTypes: 'refuse' }))).rejects.toThrow(
      /airflow\.log: .*--log-type DAGProcessing, Scheduler, Task, WebServer or Worker/,
    );
    const reading = readLogs(path);
    await eventsOf(reading);
    expect(reading.report.unknownTypes).toEqual([path]);
  });

  test('if unknown: a line that MWAA marks as printed is an event, other lines continue', async () => {
    const path = write('airflow.log', `${stamped('x')}and more\n[INFO] - airflow users list\n`);
    const messages = (await eventsOf(readLogs(path))).map(({ message }) => message);
    expect(messages).toEqual([`${stamped('x')}and more`, '[INFO] - airflow users list']);
  });

  test("events printed by a task's author do not make its log NDJSON", async () => {
    const forged = ndjson(event('forged')).repeat(200);
    write(taskLog, `${stamped('real')}${forged}`);
    const events = await eventsOf(readLogs(folder));
    expect(events[0]?.message).toContain('real');
  });
});
