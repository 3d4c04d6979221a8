import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import type { Condition } from '../../lambda/regexp/regexp-program.ts';

/** The plan's conditions as somebody would give them to a search in files. */
export interface SearchPatterns {
  /** The regexps that a message must match, in ripgrep's syntax; of lines, since it searches no others. */
  readonly regexps: readonly string[];
  /** Strings of which each of these regexps requires one. */
  readonly literals: readonly string[];
}

export function patternsOf(candidates: readonly Candidate[]): SearchPatterns {
  const regexps = new Set<string>();
  const literals = new Set<string>();
  const add = (condition: Condition): void => {
    if ('and' in condition) for (const part of condition.and) add(part);
    else if ('or' in condition) for (const part of condition.or) add(part);
    else if ('not' in condition || condition.field !== 'message') return;
    else if ('like' in condition) {
      regexps.add(ofLines(condition.like));
      for (const anchor of condition.anchors ?? []) literals.add(anchor);
    } else if ('contains' in condition) {
      regexps.add(condition.contains);
      literals.add(condition.contains);
    }
  };
  for (const { condition } of candidates) add(condition);
  return { regexps: [...regexps], literals: [...literals].filter((one) => !one.includes('\n')) };
}

const token = /\\A|\(\?:\\n\?\\z\)|\\x\{[0-9a-f]+\}|\\.|[\s\S]/g;

/** A regexp of the plan for a search by lines: a line end ends it, and a class holds none. */
function ofLines(like: string): string {
  let isInClass = false;
  let written = '';
  for (const [one] of like.matchAll(token)) {
    if (one === '\\A') written += '^';
    else if (one === '(?:\\n?\\z)') written += '$';
    else if (one === '\\/') written += '/';
    else if (one === '\\n') written += isInClass ? (written.endsWith('-') ? '\\x{9}' : '') : '$';
    else if (isInClass && '[&~'.includes(one)) written += `\\${one}`;
    else {
      if (one === '[') isInClass = true;
      if (one === ']') isInClass = false;
      written += one;
    }
  }
  return written.replaceAll('[^]', '.');
}
