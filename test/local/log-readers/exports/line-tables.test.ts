import type { LogEvent } from '../../../../local/log-event.ts';
import { plausibleTimes } from '../../../../local/log-readers/report/read-report.ts';
import { ReportBuilder } from '../../../../local/log-readers/report/report-builder.ts';
import {
  batchesOf,
  beginning,
  expectSame,
  fileOf,
  nowEpochMs,
  own,
  startEpochMs,
  WordSieve,
  wanted,
  withFile,
} from './sieved-reading.ts';

/** The lines of an own event for many numbers. */
const linesOf = (count: number, eventOf: (at: number) => object) =>
  Array.from({ length: count }, (_, at) => JSON.stringify(eventOf(at)));

/** Read with a search in the kernel, and with a question for every message. */
async function expectSameBothWays(bytes: Uint8Array, passedMin: number) {
  for (const isSearching of [false, true]) {
    const passed = await expectSame(bytes, new WordSieve(isSearching));
    expect(passed).toBeGreaterThanOrEqual(passedMin);
  }
}

const answer = (at: number, more: object = {}) => ({
  ...{ logStreamName: 'scheduler_ip-10-0-0-1.log', timestamp: startEpochMs + at },
  ...{ message: `line ${at}`, ...more },
});

test('a message, a group and a stream may end at any place of 16 bytes', async () => {
  const lines = Array.from({ length: 20 }, (_, length) => length).flatMap((length) => {
    const some = 'x'.repeat(length);
    return [
      ...[some, `${some}${wanted}`, `${wanted}${some}`, `${some}"${wanted}\\`, `${some}\\`].map(
        (message) => own(length, message),
      ),
      own(length, some, { logGroup: `airflow-${some}e-Task` }),
      own(length, some, { logStream: `s${some}` }),
      own(length, `${some}want`, { logStream: `${some}ed` }),
      own(length, some, { logGroup: `${some}:` }),
      own(length, some, { logStream: `${some}*` }),
    ];
  });
  // The first lines make the names known that the second ones have.
  const texts = lines.map((line) => JSON.stringify(line));
  await expectSameBothWays(fileOf(...texts, ...texts), 200);
});

test('an escape may be at any place of 16 bytes', async () => {
  const written = [
    '\\n',
    '\\"',
    '\\\\',
    '\\u0001',
    '\\u00e9',
    '\\u0041',
    '\\/',
    '\\u12',
    '\\x',
    '\\',
  ];
  const lines = written.flatMap((one) =>
    Array.from({ length: 18 }, (_, at) => {
      const text = `${'y'.repeat(at)}${one}${at % 3 === 0 ? wanted : 'z'.repeat(at)}`;
      return JSON.stringify(own(at, 'TEXT')).replace('TEXT', () => text);
    }),
  );
  await expectSameBothWays(fileOf(...lines), 150);
});

test.each([8, 9, 64, 65, 150])('%i groups and streams are told apart', async (names) => {
  const groups = linesOf(3 * names, (at) =>
    own(at, at % 7 === 0 ? wanted : 'x', { logGroup: `airflow-e${at % names}-Task` }),
  );
  await expectSameBothWays(fileOf(...groups, ...groups), 100);
  const streams = linesOf(300 + 3 * names, (at) =>
    answer(at, {
      logStreamName:
        at % 2 ? `scheduler_${at % names}.py.log` : `dag_id=d/run_id=${at % names}.log`,
      message: at % 7 === 0 ? wanted : 'x',
    }),
  );
  await expectSameBothWays(Buffer.from(`${streams.join('\n')}\n`), 100);
});

test('a name may be as long as CloudWatch allows, and longer', async () => {
  const lengths = [1, 500, 511, 512, 513, 1000, 1023, 1024, 1025, 3000];
  const names = lengths.flatMap((length) => [
    own(1, 'x', { logGroup: 'g'.repeat(length) }),
    own(1, 'x', { logStream: 's'.repeat(length) }),
    own(1, wanted, { logGroup: 'g'.repeat(length) }),
  ]);
  const lines = names.map((one) => JSON.stringify(one));
  await expectSameBothWays(fileOf(...lines, ...lines, ...beginning), 350);
  const rows = linesOf(300, (at) => {
    const region = 'r'.repeat(lengths[at % lengths.length] ?? 0);
    const name = `arn:aws:logs:${region}:123456789012:log-group:airflow-Prod-Worker:*`;
    return { '@log': at % 3 ? name : '123456789012:airflow-Prod-Task', ...row(at) };
  });
  await expectSameBothWays(Buffer.from(`${rows.join('\n')}\n`), 30);
});

const row = (at: number) => ({
  ...{ '@logStream': 's', '@timestamp': startEpochMs + at },
  '@message': at % 5 === 0 ? wanted : 'x',
});

test('a group that an answer of AWS names with its account is an error in our own form', async () => {
  const name = '123456789012:airflow-Prod-Task';
  const rows = linesOf(100, (at) => ({ '@log': name, ...row(at) }));
  const events = linesOf(100, (at) => own(at, 'x', { logGroup: name }));
  const mixed = [...rows, ...events, ...beginning, ...rows, ...events];
  await expectSameBothWays(fileOf(...mixed), 300);
  await expectSameBothWays(Buffer.from(`${[...rows, ...rows, ...mixed].join('\n')}\n`), 100);
});

test('more layouts than there is room for are read, and no line is taken for another', async () => {
  const layouts = Array.from({ length: 8 }, (_, members) => {
    const more = Object.fromEntries(Array.from({ length: members }, (__, at) => [`m${at}`, at]));
    return (at: number) => own(at, at % 4 === 0 ? wanted : 'x', more);
  });
  const lines = linesOf(200, (at) => layouts[at % layouts.length]?.(at) ?? {});
  await expectSameBothWays(fileOf(...lines, ...beginning), 300);
});

test.each([60, 90, 125, 126, 127, 1000, 20_000])(
  'a layout of %i members harms no other table',
  async (members) => {
    const more = Object.fromEntries(Array.from({ length: members }, (_, at) => [`m${at}`, at]));
    const large = (message: string) => JSON.stringify(own(1, message, more));
    const groups = linesOf(30, (at) => own(at, 'x', { logGroup: `airflow-e${at}-Task` }));
    await expectSameBothWays(
      fileOf(
        ...groups,
        large('x'),
        ...groups,
        large(wanted),
        ...beginning,
        JSON.stringify(own(1, wanted)),
      ),
      400,
    );
  },
);

test('a layout of long blanks harms no other table', async () => {
  const blanks = [1700, 1800, 1900, 2000, 3000, 100_000].map((count) =>
    JSON.stringify(own(1)).replace(',', `${' '.repeat(count)},`),
  );
  await expectSameBothWays(fileOf(...blanks, ...blanks, ...beginning), 350);
});

test.each(['\u00a0', '\u2028', '\u3000', '\ufeff', '\v', '\f', '\0', '\r', '\t', ' '])(
  'the blank %j beside a member is read or reported as without a sieve',
  async (blank) => {
    const line = JSON.stringify(own(1));
    const lines = [
      line.replace('{', `{${blank}`),
      line.replace(/}$/, `${blank}}`),
      line.replace(':', `${blank}:`),
      line.replace(':', `:${blank}`),
      line.replace(',', `${blank},`),
      line.replace(/(\d{13})/, `$1${blank}`),
    ];
    // There is room for three more layouts.
    for (const some of [lines.slice(0, 3), lines.slice(3)]) {
      expect(await expectSame(fileOf(...some, ...some, ...beginning))).toBeGreaterThan(300);
    }
  },
);

test('more lines are passed over in a piece than there is room for', async () => {
  const short = linesOf(6000, (at) => ({
    ...{ logGroup: 'g', logStream: 's', timestamp: startEpochMs + at, message: '' },
  }));
  await expectSameBothWays(fileOf(...short), 5000);
  const places = [1023, 1024, 1025, 2047, 2048, 2049];
  const some = short.map((line, at) =>
    places.includes(at) ? JSON.stringify(own(at, wanted)) : line,
  );
  await expectSameBothWays(fileOf(...some), 5000);
});

test('a time is passed over or reported exactly at the borders of what is plausible', async () => {
  const { firstEpochMs, lastEpochMs } = plausibleTimes;
  const latest = nowEpochMs + 366 * 86_400_000;
  const borders = [firstEpochMs, lastEpochMs, latest, 1e12, 1e13, 2 ** 53, 0, -1, 1e12 - 1];
  const times = borders.flatMap((border) => [border - 1, border, border + 1]);
  const lines = times.flatMap((timestamp) => [
    JSON.stringify(own(1, 'x', { timestamp })),
    JSON.stringify(own(1, 'x', { ingestionTime: timestamp })),
    JSON.stringify(own(1, 'x', { number: timestamp })),
  ]);
  await expectSameBothWays(fileOf(...lines, ...lines), 140);
  const answers = times.flatMap((timestamp) => [
    JSON.stringify(answer(1, { timestamp })),
    JSON.stringify(answer(1, { ingestionTime: timestamp })),
  ]);
  const others = linesOf(300, answer);
  await expectSameBothWays(Buffer.from([...others, ...answers, ...answers, ''].join('\n')), 100);
});

test('groups follow from streams, and where unknown types are refused these lines are', async () => {
  const streams = ['scheduler_ip-1.log', 'dag_id=d/run_id=r/task_id=t/attempt=1.log', 'x', 'y.log'];
  const lines = linesOf(400, (at) =>
    answer(at, {
      ...(at % 9 === 0 ? { logStreamName: '' } : { logStreamName: streams[at % streams.length] }),
      message: at % 5 === 0 ? wanted : 'x',
    }),
  );
  const none = linesOf(100, (at) => ({ timestamp: startEpochMs + at, message: `@log ${at}` }));
  const bytes = Buffer.from([...lines, ...none, ...lines, ''].join('\n'));
  for (const options of [
    {},
    { unknownTypes: 'refuse' as const },
    { logType: 'Worker' as const },
    { logGroup: 'other' },
  ]) {
    await expectSame(bytes, new WordSieve(), options);
    await expectSame(bytes, new WordSieve(true), options);
  }
});

test('two files that are read by turns with one sieve are each read as alone', async () => {
  const contents = [
    linesOf(9000, (at) => {
      const message = at % 11 === 0 ? `${wanted} ${at}` : 'x';
      return own(at, message, { logGroup: `airflow-a${at % 20}-Task` });
    }),
    linesOf(9000, (at) => ({ '@log': `123456789012:airflow-b${at % 3}-Task`, ...row(at) })),
  ].map((lines) => Buffer.from(`${lines.join('\n')}\n`));
  const [one = Buffer.alloc(0), other = Buffer.alloc(0)] = contents;
  const sieve = new WordSieve(true);
  await withFile(one, (first) =>
    withFile(other, async (second) => {
      const readings = [first, second].map((file) => readingOf(file, sieve));
      for (let open = readings; open.length > 0; ) {
        const more = await Promise.all(open.map((reading) => reading.step()));
        open = open.filter((_, at) => more[at]);
      }
      for (const [at, file] of [first, second].entries()) {
        const alone = readingOf(file);
        while (await alone.step());
        expect(readings[at]?.wanted).toEqual(alone.wanted);
        expect(readings[at]?.report.list()).toEqual(alone.report.list());
      }
    }),
  );
  expect(new Set(sieve.passed.map(([logGroup]) => logGroup)).size).toBe(23);
  expect(sieve.passed.length).toBeGreaterThan(10_000);
});

/** A reading that goes on step by step, and what it found. */
function readingOf(file: string, sieve?: WordSieve) {
  const report = new ReportBuilder();
  const batches = batchesOf(file, report, sieve);
  const found: LogEvent[] = [];
  const step = async () => {
    const { done, value } = await batches.next();
    if (!done) found.push(...value.filter(({ message }) => message.includes(wanted)));
    return !done;
  };
  return { report, wanted: found, step };
}
