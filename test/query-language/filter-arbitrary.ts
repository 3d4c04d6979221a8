import fc from 'fast-check';
import { regexpSource } from './regexp-arbitrary.ts';

const field = fc.constantFrom('@message', '@message', '@log', '@logStream');
const text = fc.constantFrom('"a"', "'role'", '"User "', '"É"', '"ſ"', '""', '"b\\\\"', '"-Task"');
/** Regexps, half of which contain a distinctive word. */
export const lineSource = fc
  .tuple(
    fc.constantFrom('', 'jumps over', 'Key-X\\/4711', 'quick (brown|red) fox', 'ask (Kim|Sys)'),
    regexpSource,
  )
  .map((parts) => parts.join(''));

const flags = fc.constantFrom('', '', '(?i)', '(?s)', '(?m)');
const anchored = fc
  .tuple(fc.constantFrom('', '', '^'), lineSource, fc.constantFrom('', '', '$', '\\s*$', '\\b'))
  .map((parts) => parts.join(''));

const test = fc.oneof(
  fc.tuple(field, text).map(([one, other]) => `${one} like ${other}`),
  fc.tuple(field, text).map(([one, other]) => `${one} not like ${other}`),
  fc.tuple(field, flags, anchored).map(([one, flag, source]) => `${one} like /${flag}${source}/`),
  fc.tuple(flags, anchored).map(([flag, source]) => `@message like /${flag}${source}/`),
  fc.tuple(flags, anchored).map(([flag, source]) => `@message not like /${flag}${source}/`),
  fc
    .tuple(field, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), text)
    .map((parts) => parts.join(' ')),
  fc.tuple(field, text, text).map(([one, a, b]) => `${one} in [${a}, ${b}]`),
  fc.tuple(field, text, text).map(([one, a, b]) => `${one} not in [${a}, ${b}]`),
);

/** Filters that a detection may have, which can be decided from a single event. */
export const filterText = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    test,
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} and ${b})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `${a} or ${b}`),
    tie('any').map((a) => `not (${a})`),
  ),
})).any;
