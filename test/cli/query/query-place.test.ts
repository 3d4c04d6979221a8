import { queryPlace } from '../../../cli/query/query-command.ts';

describe('queryPlace', () => {
  test('carets are under the position', () => {
    expect(queryPlace('fields @message | foo bar', { span: { start: 18, end: 21 } })).toBe(
      '  fields @message | foo bar\n                    ^^^',
    );
  });

  test('only the line with the position is shown, and the carets end with it', () => {
    expect(queryPlace('fields a\n| limit x\n| sort b', { span: { start: 17, end: 25 } })).toBe(
      '  | limit x\n          ^',
    );
  });

  test('the end of the query is a valid position', () => {
    expect(queryPlace('fields', { span: { start: 6, end: 6 } })).toBe('  fields\n        ^');
  });

  test('a long line is cut around the position', () => {
    const query = `${'a'.repeat(500)}?${'b'.repeat(500)}`;
    const [line = '', carets = ''] = queryPlace(query, { span: { start: 500, end: 501 } }).split(
      '\n',
    );
    expect(line.length).toBeLessThan(130);
    expect(line[carets.indexOf('^')]).toBe('?');
  });

  test('unprintable characters are made visible, and the carets still match', () => {
    expect(queryPlace('a\u001b[31m ?', { span: { start: 7, end: 8 } })).toBe(
      '  a\\x1b[31m ?\n            ^',
    );
  });
});
