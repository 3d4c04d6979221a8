import { toRe2 } from '../../../query-language/regexp/write-regexp.ts';
import { boolean, list, number, sqlString, text } from '../sql/values.ts';
import type { CallArguments } from './call-arguments.ts';
import { wholeNumber } from './numeric-functions.ts';
import { readRegexpSource } from './regexp-source.ts';
import { scalar } from './scalar-function.ts';

const unlimited = Number.POSITIVE_INFINITY;
const blanks = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)";

/**
 * AWS: "String functions" and "Hashing functions". Those whose documented result is a number
 * (isempty, strcontains …) are conditions here: 1 and 0 when shown.
 */
export const textFunctions = [
  scalar('isempty', [1, 1], (args) => boolean(`(coalesce(${args.text(0)}, '') = '')`)),
  scalar('isblank', [1, 1], (args) =>
    boolean(`(trim(coalesce(${args.text(0)}, ''), ${blanks}) = '')`),
  ),
  // A missing part adds nothing; not documented by AWS.
  scalar('concat', [1, unlimited], (args) =>
    text(`concat(${args.call.arguments.map((_, at) => args.text(at)).join(', ')})`),
  ),
  ...['ltrim', 'rtrim', 'trim'].map((name) =>
    scalar(name, [1, 2], (args) =>
      text(`${name}(${args.text(0)}, ${args.has(1) ? args.text(1) : blanks})`),
    ),
  ),
  scalar('strlen', [1, 1], (args) => number(`CAST(length(${args.text(0)}) AS DOUBLE)`)),
  scalar('toupper', [1, 1], (args) => text(`upper(${args.text(0)})`)),
  scalar('tolower', [1, 1], (args) => text(`lower(${args.text(0)})`)),
  scalar('substr', [2, 3], (args) => {
    // Numbered from 0, in SQL from 1.
    const start = `${wholeNumber(args, 1, 0, maxLength, 'BIGINT')} + 1`;
    const length = args.has(2) ? `, ${wholeNumber(args, 2, 0, maxLength, 'BIGINT')}` : '';
    return text(`substring(${args.text(0)}, ${start}${length})`);
  }),
  scalar('replace', [3, 3], (args) =>
    text(`replace(${args.text(0)}, ${args.text(1)}, ${args.text(2)})`),
  ),
  ...['regexReplace', 'regex_replace'].map((name) => scalar(name, [3, 3], regexReplace)),
  // Measured on AWS: the documented third argument, to ignore case, has no effect.
  scalar('strcontains', [2, 3], (args) => boolean(`contains(${args.text(0)}, ${args.text(1)})`)),
  scalar('startsWith', [2, 2], (args) => boolean(`starts_with(${args.text(0)}, ${args.text(1)})`)),
  scalar('endsWith', [2, 2], (args) => boolean(`ends_with(${args.text(0)}, ${args.text(1)})`)),
  scalar('urlencode', [1, 1], (args) => text(`url_encode(${args.text(0)})`)),
  scalar('urldecode', [1, 1], (args) => text(`TRY(url_decode(${args.text(0)}))`)),
  scalar('base64encode', [1, 1], (args) => text(`to_base64(encode(${args.text(0)}))`)),
  scalar('base64decode', [1, 1], (args) => text(`TRY(decode(from_base64(${args.text(0)})))`)),
  scalar('split', [2, 2], (args) =>
    list(`CAST(to_json(string_split(${args.text(0)}, ${args.text(1)})) AS VARCHAR)`),
  ),
  scalar('hexToAscii', [1, 1], (args) => text(`TRY(decode(unhex(${args.text(0)})))`)),
  scalar('hexToDec', [1, 1], (args) => {
    const digits = `regexp_extract(${args.text(0)}, '\\A(?:0[xX])?([0-9a-fA-F]{1,16})\\z', 1)`;
    return number(`CAST(TRY_CAST('0x' || ${digits} AS UBIGINT) AS DOUBLE)`);
  }),
  scalar('decToHex', [1, 1], (args) => {
    const value = args.named(`trunc(${args.number(0)})`);
    const sign = `CASE WHEN ${value} < 0 THEN '-0x' ELSE '0x' END`;
    const digits = `format('{:x}', CAST(abs(${value}) AS BIGINT))`;
    return text(`CASE WHEN abs(${value}) < 9e18 THEN ${sign} || ${digits} END`);
  }),
  scalar('md5', [1, 1], (args) => text(`md5(${args.text(0)})`)),
  scalar('sha256', [1, 1], (args) => text(`sha256(${args.text(0)})`)),
];

/** Longer than any event. */
const maxLength = 1_000_000_000;

/**
 * The pattern must be a literal in the query: otherwise it would be compiled again for every event.
 */
function regexReplace(args: CallArguments) {
  const pattern = toRe2(readRegexpSource(args, 1));
  const replacement = args.constantText(2);
  // RE2's own syntax for groups; AWS does not document other characters after the backslash.
  if (/\\(?![\d\\])/.test(replacement)) {
    throw args.failure(2, 'can contain a backslash only before a digit or another backslash');
  }
  return text(
    `regexp_replace(${args.text(0)}, ${sqlString(pattern)}, ${sqlString(replacement)}, 'g')`,
  );
}
