import type { DetectionInPlan, PlanRegexp } from './detection-in-plan.ts';
import { isJsonEvent, undoJsonEscapes, withoutColours } from './log-text.ts';

/** What a line's parse commands took out of it, by field name. */
export type Fields = Readonly<Record<string, string>>;

/** Up to here an event is read whole; of a longer one, windows of a quarter around the anchors. */
const wholeCharacters = 16_384;
const windowCharacters = 4_096;

/** Bounds what a hostile event can cost; beyond it the same lines repeat. */
const maxWindows = 16;
const maxMatches = 500;

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
  const decode = isJsonEvent(message)
    ? (value: string) => withoutColours(undoJsonEscapes(value))
    : withoutColours;
  const found: Fields[] = [];
  for (const window of windowsOf(message, detection.anchors)) {
    const more: Fields = Object.assign(
      {},
      ...others.map((regexp) => matchesIn(window, regexp, decode, 1)[0] ?? {}).reverse(),
    );
    for (const fields of matchesIn(window, first, decode, maxMatches - found.length)) {
      found.push({ ...more, ...fields });
    }
  }
  return found;
}

function windowsOf(message: string, anchors: readonly string[]): readonly string[] {
  if (message.length <= wholeCharacters) return [message];
  if (anchors.length === 0) return [message.slice(0, wholeCharacters)];
  const windows: string[] = [];
  let from = 0;
  while (windows.length < maxWindows) {
    const next = Math.min(
      ...anchors.map((anchor) => message.indexOf(anchor, from)).filter((at) => at >= 0),
    );
    if (!Number.isFinite(next)) break;
    const start = Math.max(0, next - windowCharacters / 2);
    windows.push(message.slice(start, start + windowCharacters));
    from = next + windowCharacters / 4;
  }
  return windows;
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
