import type { MessageTerms } from '../../insights-engine/engine-types.ts';
import { invalidParameter } from './logs-errors.ts';

/** `?term`, `-term` or `term`; the term is bare, or in double quotes with `\` as escape. */
const termPattern = /\s*(?<sign>[?-]?)(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s"]+))(?=\s|$)/sy;

/**
 * Parses a filter pattern of terms: all plain terms, any of those with `?`, none of those with `-`.
 * A term matches anywhere in the message, case-sensitively; terms with `?` next to other terms are
 * ignored. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @throws AwsError for an invalid pattern, and for patterns of JSON, columns and `%regular
 *   expressions%`
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
      throw invalidParameter(`Invalid filter pattern: no term starts at character ${at + 1}`);
    }
    if (bare !== undefined && !/^[\p{L}\p{N}_]+$/u.test(bare)) {
      throw invalidParameter(
        `Invalid character(s) in term '${bare}': put terms that are not alphanumeric in double quotes`,
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
