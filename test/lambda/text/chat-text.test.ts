import fc from 'fast-check';
import { chatText } from '../../../lambda/text/chat-text.ts';
import { escaped } from '../../../lambda/text/show-text.ts';

test.each([
  ['<!here> <@U024BE7LH> <#C024BE7LR>', '‹!here› ‹＠U024BE7LH› ‹#C024BE7LR›'],
  ['<https://evil.com|Runbook>', '‹hxxps［:］//evil［.］com∣Runbook›'],
  ['[Runbook](https://evil.com)', '［Runbook］(hxxps［:］//evil［.］com)'],
  ['@channel @here', '＠channel ＠here'],
  ['*resolved* _done_ ~gone~ `code`', "∗resolved∗ ＿done＿ ∼gone∼ 'code'"],
  ['all good :white_check_mark:', 'all good ∶white_check_mark:'],
  ['shipped :+1: :100:', 'shipped ∶+1: ∶100:'],
  ['# heading', '＃ heading'],
  ['&lt;!here&gt;', '＆lt;!here＆gt;'],
  ['line\n> quote', 'line\\n› quote'.replaceAll('\\', '＼')],
])('what formats, mentions or links does not any more: %s', (text, shown) => {
  expect(chatText(text)).toBe(shown);
});

test.each([
  'grant_admin',
  'alice@example.com',
  'bob.smith',
  'scheduled__2024-01-01T00:00:00+00:00',
])('a usual name stays: %s', (name) => {
  expect(chatText(name)).toBe(name);
});

const pieces = fc.constantFrom(
  ...[
    '<',
    '>',
    '@',
    '*',
    '_',
    '~',
    '`',
    '[',
    ']',
    '|',
    '&',
    ':',
    '#',
    '\\',
    '\n',
    ' ',
    '!',
    '\u200b',
  ],
  ...['here', 'a', 'Ä', '1', 'https://evil.com', 'mailto:x', '\u202e', '(', ')'],
);
const hostile = fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join(''));

test('no text formats, mentions, links or hides characters, and twice is as once', () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
      const shown = chatText(text);
      expect(shown).not.toMatch(/[<>*~`[\]&\\|\n]/);
      expect(shown).not.toMatch(/(^|[^\p{L}\p{N}.+-])@|@([^\p{L}\p{N}]|$)/u);
      expect(shown).not.toMatch(/(^|[^\p{L}\p{N}_])_|_([^\p{L}\p{N}_]|$)/u);
      expect(shown).not.toMatch(/:[\p{L}\p{N}_+'-]*\p{L}[\p{L}\p{N}_+'-]*:|:[+-]1:|:100:/u);
      expect(shown).not.toContain('://');
      expect(escaped(shown)).toBe(shown);
      expect(chatText(shown)).toBe(shown);
    }),
    { seed: 1, numRuns: 3_000 },
  );
});
