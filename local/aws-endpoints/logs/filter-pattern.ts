import type { MessageTerms } from '../../insights-engine/engine-types.ts';
import { invalidParameter } from './logs-errors.ts';

/** `?term`, `-term` or `term`; the term in double quotes, where `\` escapes, or bare. */
const termPattern = /\s*(?<sign>[?-]?)(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s"]+))(?=\s|$)/sy;

/**
 * Reads a filter pattern of terms: all of them, one of those with `?`, none of those with `-`. A term
 * is found anywhere in the message, upper and lower case told apart; terms with `?` beside others are
 * ignored.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @throws AwsError for what is no pattern, and for patterns for JSON, columns and `%regular expressions%`
 */
export function readFilterPattern(pattern: string): MessageTerms {
  const text = pattern.trim();
  const unsupported = unsupportedKind(text);
  if (unsupported !== undefined) {
    throw invalidParameter(
      `filterPattern: ${unsupported} are not supported here, only terms, "phrases", ?alternatives and -exclusions; got ${pattern}`,
    );
  }
  const terms: Record<'' | '?' | '-', string[]> = { '': [], '?': [], '-': [] };
  for (let at = 0; at < text.length; ) {
    termPattern.lastIndex = at;
    const { sign, quoted, bare } = termPattern.exec(text)?.groups ?? {};
    if (quoted === undefined && bare === undefined) {
      throw invalidParameter(`Invalid filter pattern: no term begins at character ${at + 1}`);
    }
    if (bare !== undefined && !/^[\p{L}\p{N}_]+$/u.test(bare)) {
      throw invalidParameter(
        `Invalid character(s) in term '${bare}': what is not alphanumeric must be in double quotes`,
      );
    }
    const kind = sign === '?' || sign === '-' ? sign : '';
    terms[kind].push(bare ?? (quoted ?? '').replace(/\\(.)/gs, '$1'));
    at = termPattern.lastIndex;
  }
  const isMixed = terms[''].length + terms['-'].length > 0;
  return { all: terms[''], any: isMixed ? [] : terms['?'], none: terms['-'] };
}

function unsupportedKind(text: string): string | undefined {
  if (text.startsWith('{')) return 'patterns for JSON events ({ … })';
  if (text.startsWith('[')) return 'patterns for space-delimited events ([ … ])';
  return /(?:^|\s)[?-]?%/.test(text.replace(/"(?:[^"\\]|\\.)*"/gs, '""'))
    ? 'regular expressions (% … %)'
    : undefined;
}
