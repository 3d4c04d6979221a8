import type { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { ask, engineWith } from './ask.ts';

let engine: InsightsEngine;
beforeAll(async () => {
  engine = await engineWith(['a'.repeat(70_000), 'aba']);
});
afterAll(() => engine.close());

const doubled = (times: number) =>
  Array.from({ length: times }, (_, at) => `fields concat(x${at}, x${at}) as x${at + 1}`);

test.each([
  ['joined with itself', ['fields @message as x0', ...doubled(9)].join(' | '), 'x8, x8'],
  ['joined in one call', `fields concat(${Array(257).fill('@message').join(', ')})`, 'concat'],
  ['extracted, then joined', ['parse @message "*b" as x0', ...doubled(9)].join(' | '), 'x8, x8'],
  ['grouped, then joined', ['stats max(@message) as x0', ...doubled(9)].join(' | '), 'x8, x8'],
  ['encoded again and again', `fields ${'urlencode('.repeat(6)}@message${')'.repeat(6)}`, 'urlenc'],
])('a text that could fill the memory is refused with its place: %s', async (_, query, place) => {
  await expect(ask(engine, query)).rejects.toMatchObject({
    name: 'QueryError',
    message: expect.stringMatching(/more than 256 times as long .* at line 1 and position \d+/),
  });
  const error = await ask(engine, query).catch((caught) => caught);
  expect(query.slice(error.span.start, error.span.end)).toContain(place);
});

test('a text is joined as often as people do', async () => {
  const [row] = await ask(
    engine,
    ['fields @message as x0', ...doubled(8), 'display x8'].join(' | '),
  );
  expect(row).toEqual({ x8: 'aba'.repeat(256) });
});

test.each([
  ['replace(@message, "a", "bcd")'],
  ['replace(@message, "a", concat("b", "cd"))'],
  ['regexReplace(@message, "a", "<letter>")'],
  ['regexReplace(@message, "(a)", "\\\\1\\\\1\\\\1")'],
  ['urldecode(replace(@message, "a", "bcd"))'],
])(
  'a replacement that makes a long text more than twice as long fails at its place: %s',
  async (call) => {
    await expect(ask(engine, `fields ${call} as x`)).rejects.toMatchObject({
      name: 'QueryError',
      message: expect.stringMatching(/more than twice as long at line 1 and position \d+/),
    });
    const [, row] = await ask(
      engine,
      `filter strlen(@message) < 9 | fields @message, ${call} as x`,
    ).then((rows) => [undefined, ...rows]);
    expect(row).toMatchObject({ '@message': 'aba' });
  },
);

test('a replacement by a text that is no longer is free', async () => {
  const [, row] = await ask(
    engine,
    'fields strlen(replace(@message, "a", "b")) as x | sort x | display x',
  );
  expect(row).toEqual({ x: '70000' });
});
