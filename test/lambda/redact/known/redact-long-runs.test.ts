import fc from 'fast-check';
import {
  characterKind,
  nextLongRun,
  runEnd,
} from '../../../../lambda/redact/known/vendor-tokens.ts';

const word = characterKind(/\w/);

/** Runs of about the searched length, with anything between them. */
const texts = fc
  .array(
    fc.oneof(
      fc.integer({ min: 1, max: 24 }).map((length) => 'aB3_'.repeat(6).slice(0, length)),
      fc.constantFrom(' ', '-', '\n', 'é', '\u{1f600}', '\ud800', ''),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

test('long runs are found exactly as by a regular expression', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 20 }), (text, charactersMin) => {
      const found: [number, number][] = [];
      let at = nextLongRun(text, word, charactersMin);
      while (at >= 0) {
        const end = runEnd(text, word, at + charactersMin);
        found.push([at, end]);
        at = nextLongRun(text, word, charactersMin, end);
      }
      const runs = text.matchAll(new RegExp(`(?<!\\w)\\w{${charactersMin},}`, 'g'));
      expect(found).toEqual([...runs].map(({ index, 0: run }) => [index, index + run.length]));
    }),
    { numRuns: 2_000 },
  );
});
