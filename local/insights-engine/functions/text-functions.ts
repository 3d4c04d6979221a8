import { readRegexpSource as read } from '../../../query-language/regexp/parse-regexp.ts';
import { canBeEmpty, type Regexp } from '../../../query-language/regexp/regexp-tree.ts';
import { toRe2 } from '../../../query-language/regexp/write-regexp.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import { tooLongText } from '../sql/failures.ts';
import { parseSubnet } from '../sql/ip-address.ts';
import { boolean, list, number, sqlString, text } from '../sql/values.ts';
import { wholeNumber } from './general-functions.ts';
import { type CallArguments, scalar } from './scalar-function.ts';

/** Parses a regexp in a string argument; errors have the position of the argument. */
function readRegexpSource(args: CallArguments, index: number): Regexp {
  const source = args.constantText(index);
  try {
    return read(source);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw args.failure(index, `is not a supported regexp (${error.message})`);
  }
}

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
  scalar('replace', [3, 3], replace),
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
  const { root, groups: named } = readRegexpSource(args, 1);
  const pattern = toRe2({ root, groups: named });
  const replacement = args.constantText(2);
  // RE2's own syntax for groups; AWS does not document other characters after the backslash.
  if (/\\(?![\d\\])/.test(replacement)) {
    throw args.failure(2, 'can contain a backslash only before a digit or another backslash');
  }
  const subject = args.named(args.text(0));
  const replaced = `regexp_replace(${subject}, ${sqlString(pattern)}, ${sqlString(replacement)}, 'g')`;
  if (replacement.length <= 1 && !canBeEmpty(root)) return text(replaced);
  // Each match is replaced by at most the text and, for each group that it names, by the match.
  const matches = `len(regexp_extract_all(${subject}, ${sqlString(pattern)}))`;
  const groups = replacement.split('\\').length - 1;
  const bytes = `strlen(${subject}) * ${groups + 1} + ${matches} * ${Buffer.byteLength(replacement)}`;
  return guardedText(args, subject, bytes, replaced);
}

function replace(args: CallArguments) {
  const [subject, search, replacement] = [0, 1, 2].map((at) => args.named(args.text(at)));
  const replaced = `replace(${subject}, ${search}, ${replacement})`;
  const [, from, to] = args.call.arguments;
  const isConstant = from?.kind === 'string' && to?.kind === 'string';
  if (isConstant && Buffer.byteLength(to.value) <= Buffer.byteLength(from.value)) {
    return text(replaced);
  }
  const removed = `strlen(${subject}) - strlen(replace(${subject}, ${search}, ''))`;
  const matches = `coalesce((${removed}) // nullif(strlen(${search}), 0), 0)`;
  return guardedText(
    args,
    `${subject}`,
    `strlen(${subject}) + ${matches} * strlen(${replacement})`,
    replaced,
  );
}

/** A text that becomes longer by less than this is not looked at twice. */
const freeBytes = 65_536;

/**
 * SQL that fails the query when a replacement makes a long text more than twice as long: repeated, that would fill
 * any memory.
 *
 * @param bytes SQL of the most bytes that the result can have
 */
function guardedText(args: CallArguments, subject: string, bytes: string, sql: string) {
  const { start, end } = args.call.span;
  const failure = `error(${sqlString(tooLongText(start, end))})`;
  const guarded = `CASE WHEN ${bytes} <= 2 * strlen(${subject}) + ${freeBytes} THEN ${sql} WHEN ${subject} IS NOT NULL THEN ${failure} END`;
  // A column of its own: inside of TRY, which some functions need, DuckDB allows no error().
  return text(args.named(guarded));
}

/** AWS: "IP address string functions". A missing field is not a valid address. */
export const ipFunctions = [
  test('isValidIp', 'ip_is_valid'),
  test('isValidIpV4', 'ip_is_v4'),
  test('isValidIpV6', 'ip_is_v6'),
  test('isPrivateIP', 'ip_is_private'),
  test('isPublicIP', 'ip_is_public'),
  test('isReservedIP', 'ip_is_reserved'),
  subnetTest('isIpInSubnet', undefined),
  subnetTest('isIpv4InSubnet', 'ipv4'),
  subnetTest('isIpv6InSubnet', 'ipv6'),
  scalar('ipv4ToNumber', [1, 1], (args) => {
    const address = args.named(args.text(0));
    const octets = args.named(`string_split(${address}, '.')`);
    const value = [1, 2, 3, 4]
      .map((at) => `TRY_CAST(${octets}[${at}] AS DOUBLE) * ${256 ** (4 - at)}`)
      .join(' + ');
    return number(`CASE WHEN ip_is_v4(${address}) THEN ${value} END`);
  }),
];

function test(name: string, sqlFunction: string) {
  return scalar(name, [1, 1], (args) =>
    boolean(`coalesce(${sqlFunction}(${args.text(0)}), false)`),
  );
}

function subnetTest(name: string, family: 'ipv4' | 'ipv6' | undefined) {
  return scalar(name, [2, 2], (args) => {
    checkSubnet(args, family);
    const subnet =
      args.call.arguments[1]?.kind === 'string' ? sqlString(args.constantText(1)) : args.text(1);
    return boolean(`coalesce(ip_in_subnet(${args.text(0)}, ${subnet}), false)`);
  });
}

/** Checks a subnet given as a literal in the query. */
function checkSubnet(args: CallArguments, family: 'ipv4' | 'ipv6' | undefined): void {
  if (args.call.arguments[1]?.kind !== 'string') return;
  const subnet = parseSubnet(args.constantText(1));
  if (subnet !== undefined && (family === undefined || subnet.family === family)) return;
  const example = family === 'ipv6' ? '2001:db8::/32' : '192.0.2.0/24';
  throw args.failure(1, `must be a subnet such as ${example}`);
}
