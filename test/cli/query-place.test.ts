import { queryPlace } from '../../cli/query-place.ts';

describe('queryPlace', () => {
  test('carets stand under the place', () => {
    expect(queryPlace('fields @message | foo bar', { span: { start: 18, end: 21 } })).toBe(
      '  fields @message | foo bar\n                    ^^^',
    );
  });

  test('only the line of the place is shown, and carets end with it', () => {
    expect(queryPlace('fields a\n| limit x\n| sort b', { span: { start: 17, end: 25 } })).toBe(
      '  | limit x\n          ^',
    );
  });

  test('the end of the query is a place too', () => {
    expect(queryPlace('fields', { span: { start: 6, end: 6 } })).toBe('  fields\n        ^');
  });

  test('a long line is cut around the place', () => {
    const query = `${'a'.repeat(500)}?${'b'.repeat(500)}`;
    const [line = '', carets = ''] = queryPlace(query, { span: { start: 500, end: 501 } }).split(
      '\n',
    );
    expect(line.length).toBeLessThan(130);
    expect(line[carets.indexOf('^')]).toBe('?');
  });

  test('characters that do not print are written out, and the carets still fit', () => {
    expect(queryPlace('a\u001b[31m ?', { span: { start: 7, end: 8 } })).toBe(
      '  a\\x1b[31m ?\n            ^',
    );
  });
});
