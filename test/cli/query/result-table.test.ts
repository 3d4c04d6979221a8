import { resultTable } from '../../../cli/query/query-command.ts';

const row = (fields: Record<string, string>) =>
  Object.entries(fields).map(([field, value]) => ({ field, value }));

describe('resultTable', () => {
  test('columns are in order of appearance, a missing field is an empty cell, @ptr is left out', () => {
    const table = resultTable([row({ a: '1', '@ptr': 'x' }), row({ b: '2', a: '3' })], 0);
    expect(table.split('\n').map((line) => line.split('│').map((cell) => cell.trim()))).toEqual([
      ['┌───┬───┐'],
      ['', 'a', 'b', ''],
      ['├───┼───┤'],
      ['', '1', '', ''],
      ['├───┼───┤'],
      ['', '3', '2', ''],
      ['└───┴───┘'],
    ]);
  });

  test('no control character of a log line reaches the terminal', () => {
    const table = resultTable([row({ '@message': '\u001b]0;title\u0007\u001b[2Jhello' })], 0);
    expect(table).toContain('\\x1b]0;title\\x07\\x1b[2Jhello');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    expect(table).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('a table is not wider than the terminal, and narrow columns are not shrunk', () => {
    const table = resultTable([row({ id: '12345', text: 'word '.repeat(200) })], 60);
    const lines = table.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(60);
    expect(table).toContain('12345');
  });

  test('a quarter of a megabyte in one cell is cut, with a note', () => {
    expect(resultTable([row({ m: 'x'.repeat(256 * 1024) })], 80)).toContain('more');
  });
});
