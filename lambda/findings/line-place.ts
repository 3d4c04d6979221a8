import { mask, maskedAs } from './masked-text.ts';

/**
 * Where in its line a text stands. Other programs print Airflow's own words as well: a test that quotes
 * them, a change log, a product built on the same framework. What stands before them tells.
 */

/** What a line has before a text that was found in it. */
export interface LinePlace {
  /** From the line's beginning, or from the end of what was found before it on the same line. */
  readonly before: string;
  /** Something was found before it on the same line: then it stands as that does. */
  readonly follows: boolean;
}

/**
 * - `own`: nothing is before it but what a record or a container begins its lines with, a quote, or a
 *   label such as `stdout:`. It may be what the program itself wrote.
 * - `quoted`: words of somebody else introduce it (`expected log: User "bob" added …`).
 */
export type Standing = 'own' | 'quoted';

/** More than any record begins with. */
const beforeCharactersMax = 1_000;

/** Brackets of a record, times, levels, signs, a dotted logger, and `worker_1 | ` of containers. */
const prefixToken =
  /\s+|\[[^\]\n]{0,300}\]|\{{1,2}[^}\n]{0,300}\}{1,2}|\([^)\n]{0,300}\)|[-:|<>*+~#=,;./!»•\u{2010}-\u{2bff}\u{1f300}-\u{1faff}]+|\d[\d:.,TZ+-]*|(?:DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL|debug|info|warning|error|critical)\b|[\w-]{1,60}(?:\.[\w-]{1,60}){1,8}:|[\w.-]{1,60}(?: {0,4}\||\]) /uy;

/** The text without what a log record begins its line with. */
function withoutRecordPrefix(text: string): string {
  let at = 0;
  for (;;) {
    prefixToken.lastIndex = at;
    const token = prefixToken.exec(text);
    if (token === null) return text.slice(at);
    at = prefixToken.lastIndex;
  }
}

/** Where a string begins, or a line within one: a quote, or Python's and JSON's escaped line break. */
const stringStart = /["'`]|\\[nrt]/g;

/** Words before a quoted text that say that it is no program's output. */
const quotingWord =
  /(?:[=!]=|\b(?:assert\w{0,20}|expect\w{0,10}|contains?|example|grep(?: -\w{1,10}){0,3}|pattern|match\w{0,5}))\W{0,5}$/i;

/** What scripts print before a program's output: a few words, and one of these among them. */
const label =
  /\b(?:stdout|stderr|out|err|outputs?|results?|response|returned|returncode|rc|value|airflow|cli|cmd|command)\b/i;
const loneLabel =
  /^(?:logs?|line|bash|sh|ssh|base|root|worker|scheduler|task|container|pod|msg|message|text|data|body|got)\W{0,4}$/i;
const labelCharactersMax = 60;
const quotingLabel =
  /\b(?:assert|expect|should|would|must|never|example|sample|docs?|documentation|manual|changelog|usage|prints?|pattern)/i;

/** How a text stands in its line by what is before it. Work is bounded, whatever the line's length. */
export function standingBehind(before: string): Standing {
  const rest = withoutRecordPrefix(before.slice(-beforeCharactersMax));
  if (rest === '') return 'own';
  let start = 0;
  for (const mark of rest.matchAll(stringStart)) start = mark.index + mark[0].length;
  const tail = withoutRecordPrefix(rest.slice(start));
  if (tail === '') {
    return quotingWord.test(rest.slice(0, start).replace(/[bfru]{0,2}["'`]$/i, ''))
      ? 'quoted'
      : 'own';
  }
  if (tail.length > labelCharactersMax || quotingLabel.test(tail)) return 'quoted';
  return label.test(tail) || loneLabel.test(tail) ? 'own' : 'quoted';
}

/**
 * `{override.py:1596} INFO - `, with other brackets or none where the log's format is another one. The
 * secrets masker may have taken the level or the number.
 */
const placeSlot =
  /(?:^|[^\w.-])(?<brace>\{{0,2})(?:manager|override|security)\.py:(?:\d{1,6}|\*{3})\W{0,10}(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)?\W{0,6}$/;
const slotCharactersMax = 80;

/** Logger names of Airflow's security manager, its module in the provider and before that. */
export const securityManagerLogger =
  /(?:^|[[\s"])(?:airflow|\*{3})\.[\w.]{0,80}(?:fab_security\.|fab\.auth_manager\.security_manager)/;

const modules = ['manager.py', 'override.py', 'security.py'];
const loggers = [
  ...['airflow.www.fab_security.manager', 'airflow.www.security', 'airflow.www.security_manager'],
  'airflow.auth.managers.fab.security_manager.override',
  'airflow.providers.fab.www.security_manager',
  'airflow.providers.fab.auth_manager.security_manager.override',
];

/** In a record's braces: file and number. A JSON member that names the logger, and structlog's brackets. */
const places =
  /\{([\w.*]{1,80}):[\d*]|"logger"\s{0,4}:\s{0,4}"([\w.*]{1,160})"| \[([\w.*]{1,160})\](?: \w{1,20}=|\s{0,4}$)/g;

/**
 * Whether the secrets masker took the module's or the logger's name, or a part of it, of a record in the
 * event: it may be the security manager's.
 */
export function hasMaskedPlace(message: string): boolean {
  if (!message.includes(mask)) return false;
  for (const [, file, ...names] of message.matchAll(places)) {
    if (file !== undefined && maskedAs(file, modules)) return true;
    const logger = names.find((name) => name !== undefined);
    if (logger !== undefined && maskedAs(logger, loggers)) return true;
  }
  return false;
}

/** A JSON member that names the logger: `\"` within a string is none of its quotes. */
const loggerMember = /"logger"\s{0,4}:\s{0,4}"(?<logger>[^"\\]{0,200})/;
const moduleMember =
  /"(?:filename|file|loc|pathname)"\s{0,4}:\s{0,4}"(?:[^"\\]{0,200}\/)?(?:manager|override|security)\.py/;

/** Whether the event as a whole is a record of Airflow's security manager, as its JSON says. */
export function isSecurityManagerEvent(message: string): boolean {
  const logger = loggerMember.exec(message)?.groups?.logger;
  if (logger !== undefined) return securityManagerLogger.test(logger);
  return moduleMember.test(message);
}

/** Whether anything in the event is in the security manager's place: what cannot be parsed is kept then. */
export function holdsSecurityManagerRecord(text: string, message: string): boolean {
  return (
    isSecurityManagerEvent(message) ||
    /\{{1,2}(?:manager|override|security)\.py:\d{1,6}\}{1,2} [A-Z]{1,10} - /.test(text) ||
    securityManagerLogger.test(text)
  );
}

/**
 * How a text of the security manager stands: its module is in the record's place right before it, in the
 * JSON member of the logger, or in the brackets that structlog ends a line with.
 *
 * @param behind the text and what stands behind it
 * @returns undefined where none of them is: another program's text
 */
export function securityManagerStanding(
  before: string,
  behind: string,
  isOwnEvent: boolean,
): Standing | undefined {
  const from = Math.max(0, before.length - slotCharactersMax);
  const slot = placeSlot.exec(before.slice(from));
  if (slot !== null) {
    if (slot.groups?.brace !== '') return 'own';
    // Without braces it may be a word of the sentence: `see manager.py:7: Updated user list`.
    return standingBehind(before.slice(0, from + slot.index + 1)) === 'own' ? 'own' : undefined;
  }
  if (isOwnEvent || securityManagerLogger.test(behind)) return standingBehind(before);
  return undefined;
}
