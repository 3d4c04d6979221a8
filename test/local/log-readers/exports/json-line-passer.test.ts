import { gzipSync } from 'node:zlib';
import { numbersFrom } from '../../candidates/prefilter.ts';
import {
  beginning,
  expectSame,
  fileOf,
  nowEpochMs,
  own,
  startEpochMs as start,
  wanted,
} from './sieved-reading.ts';

const wholeLine = JSON.stringify(own(100));

test('most lines of our own exports and of CloudWatch are passed over', async () => {
  const answer = (second: number) => ({
    ...{ logStreamName: 'scheduler_ip-10-0-0-1.log', timestamp: start + second },
    ...{ message: `line ${second}`, ingestionTime: start + second + 5, eventId: '3812' },
  });
  const seconds = Array.from({ length: 1000 }, (_, second) => second);
  for (const lines of [
    seconds.map((second) => JSON.stringify(own(second))),
    seconds.map((second) => JSON.stringify(own(second, undefined, { ingestionTime: start }))),
    seconds.map((second) => JSON.stringify(answer(second))),
    // As Python writes them.
    seconds.map((second) =>
      JSON.stringify(own(second)).replaceAll('":', '": ').replaceAll(',"', ', "'),
    ),
  ]) {
    const passed = await expectSame(Buffer.from(`${lines.join('\n')}\n`));
    expect(passed).toBeGreaterThan(700);
  }
});

test('lines of groups whose names begin alike are passed over', async () => {
  const lines = Array.from({ length: 1000 }, (_, second) => {
    const logGroup = `airflow-Prod-Task${'s'.repeat(second % 3)}`;
    return JSON.stringify({ ...own(second), logGroup });
  });
  expect(await expectSame(Buffer.from(`${lines.join('\n')}\n`))).toBeGreaterThan(700);
});

test.each<[name: string, line: string]>([
  ['a wanted message', JSON.stringify(own(1, 'this is wanted'))],
  ['a line that breaks off', wholeLine.slice(0, 80)],
  ['an unescaped quote', wholeLine.replace('line', 'li"ne')],
  ['a raw tab in the message', wholeLine.replace('line', 'li\tne')],
  ['a raw control character in the message', wholeLine.replace('line', 'li\u0001ne')],
  ['an escape that JSON does not know', wholeLine.replace('line', 'li\\qne')],
  ['an escape without its digits', wholeLine.replace('line', 'li\\u12ne')],
  ['a backslash before the last quote', wholeLine.replace(/"}$/, '\\"}')],
  ['text after the object', `${wholeLine} x`],
  ['blanks after the object', `${wholeLine}  `],
  ['blanks before the object', `  ${wholeLine}`],
  ['two objects on a line', `${wholeLine}${wholeLine}`],
  ['a comma after the object', `${wholeLine},`],
  ['a time in seconds', wholeLine.replace(/(\d{10})\d{3}/, '$1')],
  ['a time in microseconds', wholeLine.replace(/\d{13}/, '$&000')],
  ['a time that is not plausible', wholeLine.replace(/\d{13}/, '9999999999999')],
  ['a time of next year and more', wholeLine.replace(/\d{13}/, String(nowEpochMs + 4e10))],
  ['a time with a fraction', wholeLine.replace(/\d{13}/, '$&.5')],
  ['a time with an exponent', wholeLine.replace(/\d{13}/, '17953e8')],
  ['a time with a leading zero', wholeLine.replace(/\d{13}/, '0179532000000')],
  ['a time as text', wholeLine.replace(/\d{13}/, '"$&"')],
  ['a broken time of ingestion', JSON.stringify(own(1, 'x', { ingestionTime: 12 }))],
  ['no group', JSON.stringify({ ...own(1), logGroup: undefined })],
  ['an empty group', JSON.stringify({ ...own(1), logGroup: '' })],
  ['a group that is no name', JSON.stringify({ ...own(1), logGroup: 'a b' })],
  ['a group of an ARN', JSON.stringify({ ...own(1), logGroup: '123456789012:airflow-Prod-Task' })],
  ['no stream', JSON.stringify({ ...own(1), logStream: undefined })],
  ['a stream with a colon', JSON.stringify({ ...own(1), logStream: 'a:b' })],
  ['a stream with an escape', JSON.stringify({ ...own(1), logStream: 'a\\b' })],
  ['a stream that is too long', JSON.stringify({ ...own(1), logStream: 'é'.repeat(513) })],
  [
    'a long stream in two bytes a character',
    JSON.stringify({ ...own(1), logStream: 'é'.repeat(500) }),
  ],
  ['a message that is a number', JSON.stringify({ ...own(1), message: 7 })],
  ['a message that is an object', JSON.stringify({ ...own(1), message: { a: 1 } })],
  ['a member twice', wholeLine.replace('{', '{"message":"wanted",')],
  ['the members of an answer and our own', JSON.stringify({ ...own(1), logStreamName: 'x' })],
  ['other members', JSON.stringify({ ...own(1), extra: 'x', number: -5 })],
  ['a nested member', JSON.stringify({ ...own(1), extra: { message: 'wanted' } })],
  ['true as a member', JSON.stringify({ ...own(1), extra: true })],
  [
    'members in another order',
    JSON.stringify({ message: 'x', timestamp: start, logStream: 's', logGroup: 'g' }),
  ],
  [
    'a payload of a subscription',
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logGroup: 'g',
      logStream: 's',
      logEvents: [{ id: '1', timestamp: start, message: 'wanted' }],
    }),
  ],
  [
    'an answer over several lines',
    JSON.stringify({ events: [{ timestamp: start, message: 'wanted' }] }, null, 2),
  ],
  ['an event over several lines', JSON.stringify(own(1, 'wanted'), null, 1)],
  ['an array of lines', `[\n${wholeLine},\n${wholeLine}\n]`],
  ['an array that is never closed', `[\n${wholeLine}\n${wholeLine}`],
  ['an answer with an event on each line', `{"events":[\n${wholeLine}\n,${wholeLine}\n]}`],
  ['an event within another value', `{"extra":\n${wholeLine}\n,"other": 1}`],
  ['a text that is no JSON', 'Traceback (most recent call last):'],
  ['an empty line', ''],
  ['a lone carriage return', wholeLine.replace('line', 'li\rne')],
  ['a NUL byte', wholeLine.replace('line', 'li\0ne')],
  ['half of a surrogate pair', JSON.stringify(own(1, 'a\ud800b'))],
  ['an empty message', JSON.stringify(own(1, ''))],
  ['a message in many scripts', JSON.stringify(own(1, 'Zürich 東京 😀'))],
  ['a message longer than a block', JSON.stringify(own(1, 'x'.repeat(700_000)))],
  ['a wanted message longer than a block', JSON.stringify(own(1, `${'x'.repeat(700_000)}wanted`))],
])('a line with %s is read or reported as without a sieve', async (_, line) => {
  expect(await expectSame(fileOf(line))).toBeGreaterThan(50);
  await expectSame(fileOf(wholeLine, line, wholeLine, wholeLine, line));
  await expectSame(Buffer.from(fileOf(line, wholeLine).toString().replaceAll('\n', '\r\n')));
});

test.each<[name: string, bytes: Uint8Array]>([
  ['an empty file', Buffer.alloc(0)],
  ['a last line without an end', Buffer.from(fileOf(wholeLine).toString().trimEnd())],
  ['a last line that breaks off', fileOf(wholeLine).subarray(0, -40)],
  ['a byte order mark', Buffer.concat([Buffer.from('\ufeff'), fileOf(wholeLine)])],
  ['UTF-16', Buffer.from(`\ufeff${fileOf(wholeLine)}`, 'utf16le')],
  [
    'lines that end in carriage returns alone',
    Buffer.from(fileOf(wholeLine).toString().replaceAll('\n', '\r')),
  ],
  [
    'bytes that are no UTF-8',
    Buffer.concat([fileOf(wholeLine), Buffer.from([0xff, 0xfe, 0x0a]), fileOf()]),
  ],
  [
    'half a character in a message',
    Buffer.from(fileOf(wholeLine).toString('latin1').replace('line 9', 'line \xc3'), 'latin1'),
  ],
  ['NUL bytes before it', Buffer.concat([Buffer.alloc(700), fileOf(wholeLine)])],
  ['gzip', gzipSync(fileOf(wholeLine))],
  ['gzip that breaks off', gzipSync(fileOf(...beginning, ...beginning)).subarray(0, 700)],
])('a file with %s is read or reported as without a sieve', async (_, bytes) => {
  await expectSame(bytes);
});

test('random damage anywhere is reported as without a sieve', async () => {
  const random = numbersFrom(7);
  const lines = Array.from({ length: 400 }, (_, second) => {
    const more = random() < 0.3 ? { ingestionTime: start + second } : {};
    return JSON.stringify(
      own(second, random() < 0.1 ? `${wanted} "${second}"\\` : `line\t${second}`, more),
    );
  });
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const odd = [
    0x00, 0x09, 0x0a, 0x0d, 0x1b, 0x20, 0x22, 0x2c, 0x31, 0x5c, 0x75, 0x7b, 0x7d, 0xc3, 0xff,
  ];
  for (let round = 0; round < 150; round += 1) {
    const damaged = Buffer.from(bytes);
    for (let left = 1 + Math.floor(random() * 4); left > 0; left -= 1) {
      damaged[Math.floor(random() * damaged.length)] = odd[Math.floor(random() * odd.length)] ?? 0;
    }
    await expectSame(
      random() < 0.2 ? damaged.subarray(0, Math.floor(random() * damaged.length)) : damaged,
    );
  }
});
