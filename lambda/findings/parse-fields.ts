import type { DetectionInPlan, PlanRegexp } from './detection-in-plan.ts';
import { isJsonEvent, undoJsonEscapes, withoutColours } from './log-text.ts';

/** What a line's parse commands took out of it, by field name. */
export type Fields = Readonly<Record<string, string>>;

/** Up to here an event is read whole; of a longer one, windows of this size around the anchors. */
const windowCharacters = 4_096;

/** Bounds what a hostile event can cost; beyond it the same lines repeat. */
const maxWindows = 8;
const maxMatches = 500;

/** An access line is read from its beginning: its path may be long. */
const lineCharacters = 16_384;

/**
 * Runs a detection's parse commands over an event: each match of the first one is one set of fields,
 * completed by the first matches of the others.
 *
 * `role_2` is another place of `role` in the same regexp. Values come without colours and JSON's
 * escapes.
 */
export function parseFields(message: string, detection: DetectionInPlan): readonly Fields[] {
  const [first, ...others] = detection.parse;
  if (first === undefined) return [];
  // What a request's sender can write, an agent's name say, stands behind the request itself.
  const isRequest = detection.signal === 'request';
  const parts = isRequest ? linesOf(message) : windowsOf(message, detection.anchors);
  const decode =
    isRequest && isJsonEvent(message)
      ? (value: string) => withoutColours(undoJsonEscapes(value))
      : withoutColours;
  const found: Fields[] = [];
  for (const part of parts) {
    const more: Fields = Object.assign(
      {},
      ...others.map((regexp) => matchesIn(part, regexp, decode, 1)[0] ?? {}).reverse(),
    );
    const max = isRequest ? 1 : maxMatches - found.length;
    for (const fields of matchesIn(part, first, decode, max)) found.push({ ...more, ...fields });
  }
  return found;
}

function linesOf(message: string): readonly string[] {
  return message.split('\n', maxWindows).map((line) => line.slice(0, lineCharacters));
}

function windowsOf(message: string, anchors: readonly string[]): readonly string[] {
  if (message.length <= windowCharacters) return [message];
  if (anchors.length === 0) return [message.slice(0, windowCharacters)];
  const windows: string[] = [];
  // Where each anchor stands next: an anchor that never comes again is looked for once only.
  const next = anchors.map((anchor) => ({ anchor, at: -1 }));
  let from = 0;
  while (windows.length < maxWindows) {
    for (const place of next) {
      if (place.at < from) place.at = indexOf(message, place.anchor, from);
    }
    const at = Math.min(...next.map((place) => place.at));
    if (at === Number.POSITIVE_INFINITY) break;
    const start = Math.max(0, at - windowCharacters / 2);
    windows.push(message.slice(start, start + windowCharacters));
    from = at + windowCharacters / 4;
  }
  return windows;
}

function indexOf(message: string, anchor: string, from: number): number {
  const at = message.indexOf(anchor, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

function matchesIn(
  text: string,
  { source, flags, groups }: PlanRegexp,
  decode: (value: string) => string,
  max: number,
): readonly Fields[] {
  const found: Fields[] = [];
  if (max <= 0) return found;
  for (const match of text.matchAll(compiled(source, flags))) {
    const fields: Record<string, string> = {};
    for (const [name, group] of Object.entries(groups)) {
      const value = match[group];
      if (value !== undefined) fields[name.replace(/_\d+$/, '')] ??= decode(value);
    }
    found.push(fields);
    if (found.length >= max) break;
  }
  return found;
}

const compiledRegexps = new Map<string, RegExp>();

/** The plan's regexps are few and used for every event. */
function compiled(source: string, flags: string): RegExp {
  const key = `${flags}/${source}`;
  const known = compiledRegexps.get(key);
  if (known !== undefined) return known;
  const regexp = new RegExp(source, flags.includes('g') ? flags : `${flags}g`);
  compiledRegexps.set(key, regexp);
  return regexp;
}
