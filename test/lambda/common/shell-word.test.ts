import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { shellWord } from '../../../lambda/common/text.ts';

/** One shell for many words: a shell for each would take minutes. */
function throughShell(words: readonly string[]): string[] {
  const script = words.map((word) => `printf '%s\\0' ${word}`).join('\n');
  const { stdout, status } = spawnSync('sh', { input: script, encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.split('\0').slice(0, -1);
}

test('a shell reads every text without NUL unchanged', () => {
  const hostile = fc.array(
    fc.constantFrom(
      ...["'", '"', '\\', '$(id)', '`id`', '\n', '\r', ';', '!', '*', '~', '-', ' ', 'é', '#'],
    ),
    { maxLength: 12 },
  );
  const text = fc.oneof(
    hostile.map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme' }).map((any) => any.replaceAll('\0', '')),
  );
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 200, size: 'max' }), (texts) => {
      expect(throughShell(texts.map(shellWord))).toEqual(texts);
    }),
    { numRuns: 10 },
  );
});
