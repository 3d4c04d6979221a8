import fc from 'fast-check';
import { writeExpression } from '../../../query-language/pack/loose-literals.ts';
import { parseQuery } from '../../../query-language/parser/parse-query.ts';
import { conditionText } from '../expression-arbitrary.ts';
import { withoutSpans } from '../tree-fixture.ts';

function parseCondition(text: string) {
  const query = parseQuery(`filter ${text}`);
  const [command] = query.commands;
  if (command?.kind !== 'filter') throw new Error('not a filter');
  return { query, condition: command.condition };
}

function written(text: string): string {
  const { query, condition } = parseCondition(text);
  return writeExpression(query, condition);
}

test('a written expression parses to the same expression', () => {
  fc.assert(
    fc.property(conditionText, (text) => {
      const again = parseCondition(written(text)).condition;
      expect(withoutSpans(again)).toEqual(withoutSpans(parseCondition(text).condition));
    }),
  );
});

test('writing a written expression again does not change it', () => {
  fc.assert(
    fc.property(conditionText, (text) => {
      expect(written(written(text))).toBe(written(text));
    }),
  );
});

test.each([
  ['@message like "a" and @message like "b"', '@message like "a" and @message like "b"'],
  ['(((@message like "a")) or (@message like /b/))', '@message like "a" or @message like /b/'],
  ['@message =~ /b\\/c/', '@message like /b\\/c/'],
  ['@message # why\n  like "a # b"', '@message like "a # b"'],
  ['not (@message like "a" or @message like "b")', 'not (@message like "a" or @message like "b")'],
  ['NOT @message LIKE "a"', 'not @message like "a"'],
  ['1 = (@message like "a")', '1 = (@message like "a")'],
  ['@log in ["a", "b"]', '@log in ["a","b"]'],
])('%j is written %j', (text, expected) => {
  expect(written(text)).toBe(expected);
});
