import type { DetectionInPlan, PlanRegexp } from '../plan/scan-plan.ts';
import { compiledRegexp } from '../regexp/linear-regexp.ts';
import { isJsonEvent, undoJsonEscapes, withoutColours } from '../text/log-text.ts';
import type { LinePlace } from './line-place.ts';

/** What a line's parse commands extract from it, by field name. */
export type Fields = Readonly<Record<string, string>>;

/** One match of a detection's first parse command. */
export interface ParsedText {
  readonly fields: Fields;
  /** The match and what follows it, up to where a record can end. */
  readonly following: string;
  readonly place: LinePlace;
}

/**
 * Runs a detection's parse commands over an event: each match of the first one is one set of
 * fields, completed by the first matches of the others. Every match is returned, however long the
 * event is and however many there are; the time grows linearly with the event's length.
 *
 * For a request, only the first match in each line counts: what its sender can write, such as the
 * name of its agent, comes after the request itself.
 *
 * `role_2` is another place of `role` in the same regexp.
 *
 * @param text for a request the message as it was written, else the event's texts without JSON's
 *   escapes
 */
export function parseFields(text: string, detection: DetectionInPlan): readonly Fields[] {
  return parseTexts(text, detection).map(({ fields }) => fields);
}

/** {@link parseFields}, with the place of each match in its line. */
export function parseTexts(text: string, detection: DetectionInPlan): readonly ParsedText[] {
  const [first, ...others] = detection.parse;
  if (first === undefined || !mayMatch(text, detection.anchors)) return [];
  const isRequest = detection.signal === 'request';
  const parts = isRequest ? text.split('\n') : [text];
  const decode =
    isRequest && isJsonEvent(text)
      ? (value: string) => withoutColours(undoJsonEscapes(value))
      : withoutColours;
  return parts.flatMap((part) => {
    if (!mayMatch(part, detection.anchors)) return [];
    const found = matchesIn(part, first, decode, isRequest ? 1 : undefined);
    if (found.length === 0) return [];
    const more: Fields = Object.assign(
      {},
      ...others.map((regexp) => matchesIn(part, regexp, decode, 1)[0]?.fields ?? {}).reverse(),
    );
    return found.map((match) => ({ ...match, fields: { ...more, ...match.fields } }));
  });
}

/** A match contains one of the anchors; searching for these is cheapest. */
function mayMatch(text: string, anchors: readonly string[]): boolean {
  return anchors.length === 0 || anchors.some((anchor) => text.includes(anchor));
}

function matchesIn(
  text: string,
  { program, groups }: PlanRegexp,
  decode: (value: string) => string,
  max: number | undefined,
): readonly ParsedText[] {
  const names = Object.entries(groups);
  let end = 0;
  return compiledRegexp(program)
    .matches(text, max === undefined ? {} : { max })
    .map((match) => {
      const fields: Record<string, string> = {};
      for (const [name, group] of names) {
        const value = match.groups[group];
        if (value !== undefined) fields[name.replace(/_\d+$/, '')] ??= decode(value);
      }
      const place = placeBetween(text, end, match.index);
      end = match.end;
      const following = text.slice(match.index, match.end + followingCharacters);
      return { fields, following, place };
    });
}

/** A name that was assumed to end too early, and the logger that structlog writes after it. */
const followingCharacters = 600;

/** @param end of the previous match; 0 if there is none */
function placeBetween(text: string, end: number, index: number): LinePlace {
  const gap = text.slice(end, index);
  const lineStart = gap.lastIndexOf('\n') + 1;
  const follows = end > 0 && lineStart === 0 && text[end - 1] !== '\n';
  return { before: gap.slice(lineStart), follows };
}
