import type { QueryError } from '../../../query-language/syntax/query-error.ts';

type Refuse = (rule: string) => QueryError;

/**
 * Checks a format of formatDate (AWS: "strftime-style"), and replaces the specifiers that DuckDB
 * cannot format for a time without a zone.
 */
export function strftimeFormat(format: string, zoneName: string, refuse: Refuse): string {
  return format.replaceAll(/%(.?)/gsu, (specifier, letter: string) => {
    if (letter === 'z' || letter === 'Z') {
      if (zoneName !== 'UTC') throw refuse(`can have ${specifier} in UTC only`);
      return letter === 'z' ? '+0000' : 'UTC';
    }
    if (knownSpecifiers.includes(letter) && letter !== '') return specifier;
    throw refuse(
      `has the unknown specifier ${specifier}; known are %${[...knownSpecifiers].join(' %')}`,
    );
  });
}

const knownSpecifiers = 'aAbBcdfgHIjmMnpSuUVwWxXyY%';

/**
 * A pattern of parseDate (AWS: Java's DateTimeFormatter) as one of DuckDB's strptime.
 *
 * strptime accepts more than Java does: `MM` also accepts one digit.
 */
export function javaDatePattern(
  pattern: string,
  refuse: Refuse,
): { readonly format: string; readonly hasOffset: boolean } {
  let hasOffset = false;
  const format = pattern.replaceAll(javaParts, (part, quoted: string | undefined) => {
    if (quoted !== undefined) return percentEscaped(quoted === '' ? "'" : quoted);
    if (!/^[A-Za-z]/.test(part)) return percentEscaped(part);
    const specifier = javaLetters.find(([letters]) => letters.test(part))?.[1];
    if (specifier === undefined) throw refuse(`has ${part}, which is not supported here`);
    hasOffset ||= specifier === '%z';
    return specifier;
  });
  return { format, hasOffset };
}

const javaParts = /'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+|'/gu;

function percentEscaped(text: string): string {
  return text.replaceAll('%', '%%');
}

const javaLetters: readonly (readonly [RegExp, string])[] = [
  [/^(?:yyyy|uuuu|y|u)$/, '%Y'],
  [/^(?:yy|uu)$/, '%y'],
  [/^(?:MM?|LL?)$/, '%m'],
  [/^MMM$/, '%b'],
  [/^MMMM$/, '%B'],
  [/^dd?$/, '%d'],
  [/^DDD$/, '%j'],
  [/^HH?$/, '%H'],
  [/^hh?$/, '%I'],
  [/^mm?$/, '%M'],
  [/^ss?$/, '%S'],
  [/^SSS$/, '%g'],
  [/^SSSSSS$/, '%f'],
  [/^a$/, '%p'],
  [/^E{1,3}$/, '%a'],
  [/^EEEE$/, '%A'],
  [/^(?:X{1,3}|x{1,3}|Z{1,3})$/, '%z'],
];
