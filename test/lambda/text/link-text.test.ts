import fc from 'fast-check';
import { subjectOf } from '../../../lambda/messages/subject.ts';
import { escaped, withoutLinks } from '../../../lambda/text/show-text.ts';
import { growth, linearGrowth } from '../../counted-steps.ts';

test.each([
  ['https://evil.com/x', 'hxxps[:]//evil[.]com/x'],
  ['HTTP://10.0.0.1/a', 'HxxP[:]//10[.]0[.]0[.]1/a'],
  ['ftp://host', 'ftp[:]//host'],
  ['www.evil.zzzz', 'www[.]evil[.]zzzz'],
  ['see evil.com/x now', 'see evil[.]com/x now'],
  ['evil.com.', 'evil[.]com[.]'],
  ['evil.zip', 'evil[.]zip'],
  ['x@evil.com/p', 'x@evil[.]com/p'],
  ['mailto:a@example.com', 'mailto[:]a@example.com'],
  ['tel:+4912345', 'tel[:]+4912345'],
  ['пример.рф', 'пример[.]рф'],
  ['evil。com', 'evil[.]com'],
  ['xn--a.xn--p1ai', 'xn--a[.]xn--p1ai'],
  ['//evil.invalid', '//evil[.]invalid'],
  ['\\\\srv\\share', '[\\\\]srv\\share'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutLinks(text)).toBe(shown);
});

test.each([
  'alice@example.com',
  'assumed-role/Admin/alice@example.com',
  'load_group.task1',
  'user_ops.py',
  'SELECT u.id, r.id FROM ab_user u',
  '[2026-11-22T05:50:01.362+0000] {subprocess.py:106} INFO - User "bob" added to role "Admin"',
  'airflow 2.10.3',
  'dag_id=a/run_id=scheduled__2026-11-22T05_44_00.5+00_00/task_id=b/attempt=1.log',
  '"\\\\nfoo\\\\n"',
])('%s is not a link and stays', (text) => {
  expect(withoutLinks(text)).toBe(text);
});

const parts = fc.constantFrom(
  ...['http', 'https', '://', 'evil', '.', 'com', 'www', '/', '@', 'mailto', ':', '\\\\', 'a', ' '],
  ...['[', ']', '。', 'ｈｔｔｐｓ', '：', '／', '\u200b', '-', '_', 'zip', 'py', '"'],
);
const anyText = fc.array(parts, { maxLength: 20 }).map((list) => list.join(''));

test('no scheme and no known host is left in mails or subjects', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const shown of [escaped(text), subjectOf(text)]) {
        expect(shown).not.toMatch(/:\/\/|mailto:[^\s]|\bwww\.\w|(?<![@\w.-])[\w-]+\.com\b/);
      }
    }),
  );
});

test('a text that was defanged stays the same when it is defanged again', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, fc.string()), (text) => {
      expect(withoutLinks(withoutLinks(text))).toBe(withoutLinks(text));
    }),
  );
});

test.each(['a', 'a.', 'http', 'www.', '://', '\\\\a\\', 'mailto:', '.com'])(
  'the work grows with the text: %s',
  (piece) => {
    const task = (size: number) => () => void withoutLinks(piece.repeat(size));
    expect(growth(task, 2_000)).toBeLessThan(linearGrowth);
  },
);
