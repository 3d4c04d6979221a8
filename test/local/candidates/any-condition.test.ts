import fc from 'fast-check';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { type Condition, conditionFields } from '../../../lambda/regexp/regexp-program.ts';
import { unknownTypeGroup } from '../../../local/log-readers/report/read-report.ts';
import { regexpProgram } from '../../../queries/tools/compile-regexp.ts';
import { requiredStrings } from '../../../query-language/pack/required-strings.ts';
import { readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { toRe2 } from '../../../query-language/regexp/write-regexp.ts';
import { chooser, matchingText, regexpSource } from '../../query-language/regexp-arbitrary.ts';
import {
  catalogueLines,
  encoders,
  logGroups,
  Prefilter,
  plan,
  preparedFor,
  randomLines,
  recordedLines,
} from './prefilter.ts';

function writtenByAll(message: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(encoders).map(([program, encode]) => [program, encode(message)]),
  );
}

/** Example lines, each in one log group only. */
const someLines = [...new Set(catalogueLines.map(({ message }) => message))].filter(
  (_, at) => at % 4 === 0,
);

describe('with strings that were prepared, the prefilter is the full evaluation, too', () => {
  const prepared = preparedFor(plan.candidates);

  test('on lines of the catalogue and on random ones', () => {
    const prefilter = new Prefilter(plan.candidates, false, prepared);
    let left = 100;
    for (const line of randomLines(6)) {
      expect(prefilter.difference(line, writtenByAll(line.message))).toBeUndefined();
      left -= 1;
      if (left === 0) break;
    }
    for (const [at, message] of someLines.entries()) {
      const logGroup = logGroups[at % logGroups.length] ?? '';
      expect(prefilter.difference({ logGroup, message }, writtenByAll(message))).toBeUndefined();
    }
  });

  test('on recorded lines, of which it passes over most from the first one on', () => {
    const prefilter = new Prefilter(plan.candidates, false, prepared);
    for (const line of recordedLines.filter((_, at) => at % 12 === 0)) {
      const json = { JavaScript: JSON.stringify(line.message) };
      expect(prefilter.difference(line, json)).toBeUndefined();
    }
    expect(prefilter.counts.passed / prefilter.counts.lines).toBeGreaterThan(0.6);
  });

  test.each(['x-Task', 'Unknown', 'DAGProcessing-WebServer'])(
    'in an environment whose name is %s',
    (environment) => {
      const groups = [
        ...logTypes.map((logType) => logGroupName(environment, logType)),
        unknownTypeGroup(environment),
      ];
      for (const some of [prepared, undefined]) {
        const prefilter = new Prefilter(plan.candidates, false, some);
        // What is not prepared is learnt from the first lines of a group.
        const among = some === undefined ? groups.slice(-2, -1) : groups;
        for (const [at, message] of someLines.entries()) {
          const logGroup = among[at % among.length] ?? '';
          const json = { JavaScript: JSON.stringify(message) };
          expect(prefilter.difference({ logGroup, message }, json)).toBeUndefined();
        }
      }
    },
  );
});

const texts = fc.constantFrom(
  ...[
    'role',
    'User ',
    'a',
    '"',
    '\\',
    '\n',
    '',
    'x-Task',
    ':',
    'é',
    '😀',
    's',
    '/',
    '\u001b',
    '\ufffd',
  ],
);
const text = fc.array(texts, { maxLength: 4 }).map((some) => some.join(''));
const field = fc.oneof(
  { weight: 5, arbitrary: fc.constant('message' as const) },
  fc.constantFrom(...conditionFields),
);

const fieldTest: fc.Arbitrary<Condition> = fc
  .tuple(field, text, regexpSource, fc.nat(9))
  .map(([of, some, source, kind]): Condition => {
    if (kind === 0) return { field: of, equals: some };
    if (kind === 1) return { field: of, below: some };
    if (kind === 2) return { field: of, above: some };
    if (kind <= 5) return { field: of, contains: some };
    const regexp = readRegexpSource(source);
    const like = toRe2(regexp);
    const anchors = requiredStrings(regexp.root);
    return { field: of, like, program: regexpProgram(like), ...(anchors && { anchors }) };
  });
const ofLog = fc.constantFrom<Condition>(
  ...['Task', 'x-', '-Unknown', '123456789012:'].map((contains) => ({
    field: 'log' as const,
    contains,
  })),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'medium' },
    { weight: 5, arbitrary: fieldTest },
    { weight: 1, arbitrary: ofLog },
    { weight: 2, arbitrary: fc.array(tie('condition'), { maxLength: 4 }).map((and) => ({ and })) },
    { weight: 2, arbitrary: fc.array(tie('condition'), { maxLength: 6 }).map((or) => ({ or })) },
    { weight: 1, arbitrary: tie('condition').map((not) => ({ not })) },
  ),
}));
const candidates = fc.array(
  fc.record({
    condition,
    logTypes: fc.oneof(
      fc.constant(undefined),
      fc.uniqueArray(fc.constantFrom(...logTypes), { minLength: 1 }),
    ),
  }),
  { minLength: 1, maxLength: 40, size: 'medium' },
);

/** Texts that pass a test of a condition, more or less. */
function textsOf(one: Condition, pick: (count: number) => number): readonly string[] {
  if ('not' in one) return textsOf(one.not, pick);
  if ('and' in one) return one.and.flatMap((part) => textsOf(part, pick));
  if ('or' in one) return one.or.flatMap((part) => textsOf(part, pick));
  if ('contains' in one) return [one.contains];
  if ('equals' in one) return [one.equals];
  if ('like' in one) return [matchingText(readRegexpSource(one.like).root, pick)];
  return ['below' in one ? one.below : one.above];
}

test('any conditions are decided by the prefilter as by the full evaluation', () => {
  fc.assert(
    fc.property(
      candidates,
      fc.array(fc.array(fc.nat(), { minLength: 1 }), { minLength: 3, maxLength: 8 }),
      fc.boolean(),
      (some, choices, isPrepared) => {
        const all = some.map(
          ({ condition: one, logTypes: types }, at): Candidate => ({
            ...{ id: `c${at}`, filter: '@message like "x"', condition: one },
            ...(types && { logTypes: types }),
          }),
        );
        const prefilter = new Prefilter(
          ...([all, !isPrepared, isPrepared ? preparedFor(all) : undefined] as const),
        );
        for (const numbers of choices) {
          const pick = chooser(numbers);
          const parts = all.flatMap((one) => textsOf(one.condition, pick));
          const message = Array.from(
            { length: 1 + pick(3) },
            () => parts[pick(parts.length)] ?? '',
          );
          const logGroup = logGroups[pick(logGroups.length)] ?? '';
          for (const line of [message.join(''), message.join(' '), message[0] ?? '']) {
            const difference = prefilter.difference(
              { logGroup, message: line },
              writtenByAll(line.toWellFormed()),
            );
            expect(difference).toBeUndefined();
          }
        }
      },
    ),
    { seed: 56, numRuns: 8 },
  );
});
