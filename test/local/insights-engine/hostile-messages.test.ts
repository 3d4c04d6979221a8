import fc from 'fast-check';
import type { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { sqlString } from '../../../local/insights-engine/sql/values.ts';
import { EventStore } from '../../../local/insights-engine/store.ts';
import { ask, engineWith, run } from './ask.ts';

const hostile = {
  nul: 'a\0b add-role',
  loneSurrogate: '\ud800 add-role \udfff',
  ansi: '\u001b[31mred\u001b[0m add-role',
  carriageReturn: 'one\r\ntwo add-role\r\n',
  html: '<script>alert("x")</script><!-- add-role',
  quotes: `'; DROP TABLE events; -- " add-role`,
  brokenJson: '{"add-role": [1, 2',
  jsonWithNul: '{"add-role":"\\u0000"}',
  deepJson: `${'['.repeat(20_000)}add-role`,
  hugeNumber: '1e999 add-role',
  empty: '',
  long: `${'x'.repeat(256 * 1024 - 8)}add-role`,
  emoji: '🤦🏼‍♂️ add-role',
};

test('a message of any content is stored, found and shown unchanged', async () => {
  const engine = await engineWith(Object.values(hostile));
  const rows = await ask(engine, 'fields @message | sort @timestamp');
  expect(rows.map((row) => row['@message'])).toEqual(
    Object.values(hostile).map((message) => message.toWellFormed()),
  );
  expect(await ask(engine, 'filter @message like "add-role" | stats count() as n')).toEqual([
    { n: '12' },
  ]);
  expect(await ask(engine, 'filter @message like /add-role/ | stats count() as n')).toEqual([
    { n: '12' },
  ]);
  engine.close();
});

describe('a message changes only its own row', () => {
  const ordinary = ['{"user":"ann"}', 'plain text', '{"user":{"name":"bob"}}'];
  let alone: InsightsEngine;
  let accompanied: InsightsEngine;
  beforeAll(async () => {
    alone = await engineWith(ordinary);
    accompanied = await engineWith([...ordinary, ...Object.values(hostile)]);
  });
  afterAll(() => {
    alone.close();
    accompanied.close();
  });

  test.each([
    'fields @timestamp, user, user.name | parse @message "* *" as first, rest',
    'fields @timestamp, jsonParse(@message) as j | fields j.user as u, strlen(@message) as n | sort u, n',
    'fields @timestamp, toNumber(@message) as n, substr(@message, 1, 3) as s, urldecode(@message) as d',
    'fields @timestamp, base64decode(@message) as b, md5(@message) as h | filter user like /a/ or 1 = 1',
    'fields @timestamp | sort @message | dedup @message',
    'stats count() as n, max(user.name) as u, values(user) as v by @timestamp',
  ])('%s', async (query) => {
    const isOrdinary = (row: Readonly<Record<string, string>>) =>
      (row['@timestamp'] ?? '') < '2026-01-01 00:00:03';
    const rows = (await ask(accompanied, query)).filter(isOrdinary);
    expect(rows).toEqual(await ask(alone, query));
    expect(rows).toHaveLength(ordinary.length);
  });
});

test('any string of a query is found literally', async () => {
  const store = await EventStore.open();
  const strings = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), {
    minLength: 20,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(strings, async (values) => {
      const [answers] = await store.rows(`SELECT ${values.map(sqlString).join(', ')}`);
      expect(answers).toEqual(values.map((value) => value.toWellFormed()));
    }),
    { numRuns: 3 },
  );
  store.close();
});

test('text of a query cannot escape from its literal', async () => {
  const engine = await engineWith([hostile.quotes, 'other']);
  const query = `filter @message like "'; DROP TABLE events; --" | fields @message`;
  expect(await ask(engine, query)).toEqual([{ '@message': hostile.quotes }]);
  const named = "fields `a' || 'b` as `x'; --`, @message";
  expect((await run(engine, named)).rows).toHaveLength(2);
  engine.close();
});
