import { higherSeverity, type Severity, severityRank } from '../model/severity.ts';
import type { Signal } from '../model/signal.ts';
import { type Verb, verbs } from '../model/verbs.ts';
import type { DetectionInPlan } from '../plan/scan-plan.ts';
import { canBe, mask } from '../text/log-text.ts';
import { isDefaultGrant } from './default-permissions.ts';
import type { EventText } from './event-text.ts';
import {
  beginsRecord,
  holdsSecurityManagerRecord,
  isSecurityManagerEvent,
  securityManagerLogger,
  securityManagerSource,
  sourceAfter,
  type TextSource,
} from './line-place.ts';
import { type Fields, type ParsedText, parseTexts } from './parse-fields.ts';

/**
 * The first rule of `raise` that fits decides the severity, up or down.
 *
 * @param mayLower false if a rule must not make the line milder than the detection does
 */
export function severityOf(
  { severity, raise }: DetectionInPlan,
  fields: Fields,
  mayLower: boolean,
): Severity {
  const fitting = raise.filter(({ when }) =>
    Object.entries(when).every(([field, values]) =>
      values.some((value) => canBe(fields[field] ?? '', value)),
    ),
  );
  const isMasked = Object.values(fields).some((value) => value.includes(mask));
  if (isMasked) {
    return fitting.reduce((worst, rule) => higherSeverity(worst, rule.severity), severity);
  }
  const [rule] = fitting;
  if (rule === undefined) return severity;
  return mayLower ? rule.severity : higherSeverity(rule.severity, severity);
}

/** What a line does, by its detection and the fields that were parsed from it. */
export function verbOf({ verb }: DetectionInPlan, fields: Fields): Verb | undefined {
  if (verb === undefined || typeof verb === 'string') return verb;
  const parsed = fields[verb.parsed] ?? '';
  return Object.hasOwn(verb.values, parsed) ? verb.values[parsed] : undefined;
}

/** What all signals of a detection have in common. */
export function base(detection: DetectionInPlan, severity: Severity = detection.severity): Signal {
  return { kind: detection.signal, detections: [detection.id], severity };
}

/**
 * A line that speaks for itself. If the filter found it but the parse did not, it results in a
 * signal without names; but if the detection fixes the place of its text, the line is another
 * program's.
 *
 * @param airflowVersion of the environment, if it is known
 */
export function readLines(
  detection: DetectionInPlan,
  text: EventText,
  airflowVersion?: string,
): readonly Signal[] {
  const found = parseTexts(text.plain, detection);
  const how = { before: '', airflowVersion };
  if (found.length === 0) {
    if (isKeptNameless(detection, text)) return [signalOf(detection, text, {}, how)];
  }
  const isOwnEvent = detection.place === 'security-manager' && isSecurityManagerEvent(text.message);
  let source: TextSource | undefined;
  const read = found.flatMap((parsed): Signal[] => {
    if (!parsed.place.follows) source = sourceOf(detection, parsed, isOwnEvent);
    if (source === undefined) return [];
    const fields = withCutName(withWholeName(parsed, text), text);
    const signal = signalOf(detection, text, fields, { ...how, before: parsed.place.before });
    return [source === 'own' ? signal : asQuoted(signal)];
  });
  return detection.place === 'line' ? [...read, ...goingOn(detection, text, read)] : read;
}

/** Airflow's words about a user and a role, and further ones on the same line. */
const userAndRole =
  /User \\{0,3}"(?<target>[^"\\\n]{1,300})\\{0,3}" (?<did>added to role|removed from role|created with role) \\{0,3}"(?<role>[^"\\\n]{1,300})\\{0,3}"(?=[ \t]{1,4}\S|[,;:(]\s{0,4}\w)/g;

/**
 * Lines that continue after Airflow's words (`User "bob" added to role "editor" in Confluence`).
 * Other programs write such sentences, and a DAG's author may put a word after Airflow's.
 */
function goingOn(
  detection: DetectionInPlan,
  { plain }: EventText,
  read: readonly Signal[],
): readonly Signal[] {
  if (!plain.includes(' role ')) return [];
  const known = new Set(read.map(({ target, role }) => JSON.stringify([target, role])));
  return [...plain.matchAll(userAndRole)].flatMap(({ groups = {} }): Signal[] => {
    const { did = '', target = '', role = '' } = groups;
    const fields = { did, target, role };
    const verb = verbOf(detection, fields);
    if (verb !== verbsOfWords[did] || /[{}]/.test(target + role)) return [];
    if (known.has(JSON.stringify([target, role]))) return [];
    const severity = severityOf(detection, fields, false);
    return [asQuoted({ ...base(detection, severity), verb, target, role })];
  });
}

const verbsOfWords: Readonly<Record<string, Verb>> = {
  'added to role': 'grant-role',
  'removed from role': 'revoke-role',
  'created with role': 'create-user',
};

function isKeptNameless({ place }: DetectionInPlan, { plain, message }: EventText): boolean {
  if (place === undefined) return true;
  return place === 'security-manager' && holdsSecurityManagerRecord(plain, message);
}

function sourceOf(
  { place }: DetectionInPlan,
  { fields, place: { before }, following }: ParsedText,
  isOwnEvent: boolean,
): TextSource | undefined {
  switch (place) {
    case 'security-manager':
      return securityManagerSource(before, following, isOwnEvent);
    case 'line':
      // A match that begins with a quote is the rest of a name with a line break: anything may
      // precede it.
      if (/^\W/.test(following)) return 'own';
      if (isTelling(fields)) return sourceAfter(before);
      return beginsRecord(before) ? 'own' : 'quoted';
    default:
      return 'own';
  }
}

/**
 * Many programs report that they added 3 role(s) or deleted a user; a sentence with a user and a
 * role counts as Airflow's, whatever words precede it.
 */
function isTelling({ target, role, did }: Fields): boolean {
  return target !== undefined && (role !== undefined || did === 'password reset successfully');
}

/**
 * Somebody quotes such a line, for example in a test or a manual: it is recorded but nobody is
 * notified, unless other lines of its stream show that Airflow wrote it. A DAG's author could make
 * their own line look quoted by printing words before it, but could equally print nothing.
 */
function asQuoted(signal: Signal): Signal {
  const { severity } = signal;
  return severityRank(severity) > severityRank('low')
    ? { ...signal, severity: 'low', fullSeverity: severity }
    : signal;
}

/** Where a line was written. */
interface Written {
  /** What precedes its text. */
  readonly before: string;
  readonly airflowVersion: string | undefined;
}

function signalOf(
  detection: DetectionInPlan,
  text: EventText,
  line: Fields,
  written: Written,
): Signal {
  const { fields, severity } = worstReading(detection, line, text.namesAreCertain, written);
  const verb = verbOf(detection, fields);
  const { target, role, object } = fields;
  return {
    ...base(detection, severity),
    verb,
    target,
    role,
    // Unquoted names in SQL are case-insensitive.
    object: verb !== undefined && verbs[verb].isSql ? object?.toLowerCase() : object,
  };
}

/**
 * If a line is not structlog's, ` [eu]` at its end belongs to the name before it and is not the
 * field with the logger's name.
 */
function withWholeName({ fields, place }: ParsedText, text: EventText): Fields {
  const { doubt, ...rest } = fields;
  if (doubt?.startsWith(' [') !== true) return fields;
  // Structlog ends its line with the logger: a bracket of the name would come before that.
  if (structlogStart.test(place.before) && securityManagerLogger.test(doubt)) {
    const { did, role = '' } = rest;
    const isFilledUp = `${did} ${role}`.length === filledUpTo;
    return isFilledUp ? { ...rest, role: withoutSpacesBehind(role) } : rest;
  }
  if (text.isStructlogLine || structlogStart.test(place.before)) return fields;
  const name = rest.role === undefined ? 'target' : 'role';
  return { ...rest, [name]: (rest[name] ?? '') + doubt };
}

/** `Adm` at the end of an event that was cut off may be Admin: it counts as `Adm***`. */
function withCutName(fields: Fields, text: EventText): Fields {
  const { role } = fields;
  if (role === undefined || text.cut === undefined || !text.plain.endsWith(role)) return fields;
  return { ...fields, role: role + mask };
}

/**
 * Structlog pads a shorter text with spaces to this many characters: `Inserted Role: Viewer` by
 * nine.
 */
const filledUpTo = 30;

function withoutSpacesBehind(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return text.slice(0, end);
}

/** A line of structlog that another record repeats: a command's output. */
const structlogStart = /\d{4}-\d\d-\d\dT\S{1,40} \[\w{1,12} *\] $/;

/** What Airflow writes between two names that users choose, before the name of a role. */
const rolePhrases = ['" added to role "', '" created with role "', ' to role '];

/**
 * A name may contain the very words of the line around it (`x" added to role "Viewer`), so that
 * nobody can see where one name ends and the other begins: the reading with the higher severity
 * counts.
 */
function worstReading(
  detection: DetectionInPlan,
  fields: Fields,
  namesAreCertain: boolean,
  { before, airflowVersion }: Written,
): { readonly fields: Fields; readonly severity: Severity } {
  const mayLower = namesAreCertain && fields.doubt === undefined;
  const isDefault = mayLower && isDefaultGrant(fields, before, airflowVersion);
  const severity = isDefault ? 'info' : severityOf(detection, fields, mayLower);
  const { role = '', target } = fields;
  for (const phrase of rolePhrases) {
    const at = role.lastIndexOf(phrase);
    if (at < 0) continue;
    const other = {
      ...fields,
      ...(target !== undefined && { target: target + phrase + role.slice(0, at) }),
      role: role.slice(at + phrase.length),
    };
    const otherSeverity = severityOf(detection, other, false);
    if (severityRank(otherSeverity) > severityRank(severity)) {
      return { fields: other, severity: otherSeverity };
    }
  }
  return { fields, severity };
}
