import fc from 'fast-check';
import { visibleText, visibleTextUpTo } from '../../local/visible-text.ts';

describe('visibleText', () => {
  test.each([
    ['ordinary text of any language', 'Grüße, 世界 👩', 'Grüße, 世界 👩'],
    ['an ANSI sequence', '\u001b[31mred', '\\x1b[31mred'],
    ['NUL', 'a\0b', 'a\\x00b'],
    ['line breaks and tabs', 'a\r\n\tb', 'a\\r\\n\\tb'],
    ['a direction override', 'a\u202eb', 'a\\u202eb'],
    ['half of a surrogate pair', 'a\ud83db', 'a\\ud83db'],
    ['a C1 control character, which some terminals act on', 'a\u009bb', 'a\\x9bb'],
  ])('shows %s', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test('no text keeps a control character or a lone surrogate', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  test('a cut text shows how much is missing', () => {
    expect(visibleTextUpTo('x'.repeat(2010), 10)).toBe('xxxxxxxxxx… (2,000 more characters)');
  });
});
