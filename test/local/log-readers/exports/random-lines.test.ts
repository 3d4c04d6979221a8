import fc from 'fast-check';
import { expectSame, startEpochMs, WordSieve, wanted } from './sieved-reading.ts';

const character = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'ab x') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('"', '\\', '\n', '\t', '\0', '/', ':', '*', '\x7f', '\x1b'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('é', '東', '😀', '\ud800', '\u2028', '\ufeff', '\u00a0'),
  },
  { weight: 1, arbitrary: fc.constant(wanted) },
);
const text = (maxLength: number) =>
  fc.array(character, { maxLength, size: 'max' }).map((some) => some.join(''));
const group = fc.constantFrom(
  ...['airflow-Prod-Task', 'airflow-Prod-Task', 'airflow-Prod-Worker', 'other', ''],
  ...['123456789012:airflow-Prod-Task', 'arn:aws:logs:x:1:log-group:g:*', 'a b', 'g/h#1'],
);
const stream = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('s', 'scheduler_ip-1.log', 'dag_id=d/run_id=r', '') },
  { weight: 1, arbitrary: text(20) },
);
const time = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100_000).map((at) => startEpochMs + at) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, -5, 1e10, 1e12, 1.5, 4_102_444_800_000, '2026-11-22', null),
  },
);
const message = fc.oneof(
  { weight: 9, arbitrary: text(40) },
  fc.constantFrom(7, null, {}, [wanted]),
);
const other = fc.constantFrom<unknown>(7, -3, 0, 1.5, 'x', 'a"b', '', true, null, {
  message: wanted,
});

/** Members of events as programs write them, in their order. */
const forms: readonly (readonly (readonly [string, fc.Arbitrary<unknown>])[])[] = [
  [
    ...([
      ['logGroup', group],
      ['logStream', stream],
      ['timestamp', time],
    ] as const),
    ['message', message],
  ],
  [
    ...([
      ['logStreamName', stream],
      ['timestamp', time],
      ['message', message],
    ] as const),
    ...([
      ['ingestionTime', time],
      ['eventId', other],
    ] as const),
  ],
  [
    ...([
      ['@timestamp', time],
      ['@log', group],
      ['@logStream', stream],
    ] as const),
    ['@message', message],
  ],
  [
    ...([
      ['message', message],
      ['logGroupName', group],
      ['logStreamName', stream],
    ] as const),
    ...([
      ['timestamp', time],
      ['data', other],
    ] as const),
  ],
  [
    ['timestamp', time],
    ['message', message],
  ],
];

/** Other members: none that the reader knows, and some that mean another form. */
const moreNames = fc.constantFrom(
  ...[
    'extra',
    'Message',
    'ingestionTime',
    'ingestion_time',
    'logEvents',
    'logevents',
    'data',
    'Data',
  ],
  ...['events', 'logStreamName', 'logGroup', '@message', '__proto__', 'constructor', 'é'],
);

/** How a program writes JSON: the blanks after colons and commas, and what it escapes. */
interface Writing {
  readonly colon: string;
  readonly comma: string;
  readonly isAscii: boolean;
  readonly end: string;
}
const writing = fc.record<Writing>({
  colon: fc.constantFrom(':', ': ', ':\t'),
  comma: fc.constantFrom(',', ', ', ' ,'),
  isAscii: fc.boolean(),
  end: fc.constantFrom('\n', '\n', '\r\n'),
});

function written(members: readonly (readonly [string, unknown])[], how: Writing): string {
  const parts = members.map(([name, value]) => `"${name}"${how.colon}${JSON.stringify(value)}`);
  const line = `{${parts.join(how.comma)}}`;
  if (!how.isAscii) return line;
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return line.replaceAll(/[^\0-\x7e]/g, escaped);
}

const membersOf = (form: (typeof forms)[number]) =>
  fc.tuple(...form.map(([name, value]) => value.map((one) => [name, one] as const)));
const more = fc.array(fc.tuple(moreNames, fc.oneof(other, time, stream)), { maxLength: 2 });

/** Where a line is changed: a byte is taken away, put there or replaced. */
interface Change {
  readonly at: number;
  readonly kind: string;
  readonly what: string;
}
const change = fc.record<Change>({
  at: fc.noBias(fc.nat(10_000)),
  kind: fc.constantFrom('take', 'put', 'replace'),
  what: fc.constantFrom(...'"\\{}[],:0159-.eu \t\r\0\x1fx', '\u00a0', 'wanted'),
});

function changed(line: string, changes: readonly Change[]): string {
  let text = line;
  for (const { at, kind, what } of changes) {
    const place = at % (text.length + 1);
    const after = text.slice(place + (kind === 'put' ? 0 : 1));
    text = `${text.slice(0, place)}${kind === 'take' ? '' : what}${after}`;
  }
  return text;
}

const file = fc.nat(forms.length - 1).chain((most) => {
  const lineOf = (form: (typeof forms)[number]) =>
    fc.tuple(
      membersOf(form),
      fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, more),
      fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(change, { maxLength: 3 })),
    );
  const usual = lineOf(forms[most] ?? []);
  const any = fc.oneof(...forms.map(lineOf));
  return fc.record({
    how: writing,
    lines: fc.array(fc.oneof({ weight: 5, arbitrary: usual }, any), {
      ...{ minLength: 30, maxLength: 60, size: 'max' },
    }),
    most: fc.constant(most),
  });
});

test('lines of any form, broken or not, are read or reported as without a sieve', async () => {
  let passed = 0;
  await fc.assert(
    fc.asyncProperty(file, fc.boolean(), async ({ how, lines, most }, isSearching) => {
      const usual = Array.from({ length: 200 }, (_, at) => {
        const values: Record<string, unknown> = { eventId: 'e', data: 'd' };
        const members = (forms[most] ?? []).map(([name]): [string, unknown] => {
          if (/time/i.test(name)) return [name, startEpochMs + at];
          return [name, values[name] ?? (/group|@log$/i.test(name) ? 'airflow-Prod-Task' : 's')];
        });
        return `${written(members, how)}${how.end}`;
      });
      const texts = lines.map(([members, others, changes]) => {
        return `${changed(written([...members, ...others], how), changes)}${how.end}`;
      });
      // Twice: what the first ones made known must not change what the second ones mean.
      const bytes = Buffer.from([...usual, ...texts, ...usual, ...texts].join(''));
      passed += await expectSame(bytes, new WordSieve(isSearching));
    }),
    { seed: 55, numRuns: 40 },
  );
  expect(passed).toBeGreaterThan(3000);
});
