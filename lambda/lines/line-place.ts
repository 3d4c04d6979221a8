import { mask, maskedAs } from '../text/log-text.ts';

/**
 * Where in its line a text is. Other programs print Airflow's own words as well: a test that quotes
 * them, a change log, a product built on the same framework. What precedes the text tells them
 * apart.
 */

/** What a line has before a text that was found in it. */
export interface LinePlace {
  /** From the line's beginning, or from the end of the previous match on the same line. */
  readonly before: string;
  /** The line has a match before it: then this match counts like that one. */
  readonly follows: boolean;
}

/**
 * - `own`: the program itself may have written it. A DAG's author can put any words before it.
 * - `quoted`: the words before it announce such a line (`expected log: User "bob" added …`), or
 *   name another product.
 */
export type TextSource = 'own' | 'quoted';

/** More than any record begins with. */
const beforeCharactersMax = 1_000;

/**
 * Brackets of a record, times, levels, punctuation, a dotted logger, and `worker_1 | ` of
 * containers.
 */
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

/**
 * Where a string begins, or a line within one: a quote, or the escaped line break of Python and
 * JSON.
 */
const stringStart = /["'`]|\\[nrt]/g;

/** Words before a quoted text which show that it is not a program's output. */
const quotingWord =
  /(?:[=!]=|\b(?:assert\w{0,20}|expect\w{0,10}|contains?|example|grep(?: -\w{1,10}){0,3}|pattern|match\w{0,5}))\W{0,5}$/i;

/** What scripts print before a program's output: a few words, one of these among them. */
const label =
  /\b(?:stdout|stderr|out|err|outputs?|results?|response|returned|returncode|rc|value|airflow|cli|cmd|command)\b/i;
const loneLabel =
  /^(?:logs?|line|bash|sh|ssh|base|root|worker|scheduler|task|container|pod|msg|message|text|data|body|got)\W{0,4}$/i;
const labelCharactersMax = 60;
const quotingLabel =
  /\b(?:assert|expect|should|would|must|never|example|instance|sample|docs?|documentation|manual|runbook|changelog|usage|prints?|pattern|says?|said|means)|\be\.g\.|\b(?:look|search\w*|grep) for\b|::test|\bPASSED\b/i;
/** Products with users and roles of their own. */
const productLabel =
  /^(?:grafana|keycloak|okta|auth0|jira|confluence|gitlab|jenkins|sonarqube|superset|looker|tableau|snowflake|databricks|mongodb|cognito|rabbitmq|harbor|artifactory|nexus|vault|argocd|rancher|zabbix|kibana|sentry|salesforce|wordpress|moodle|nextcloud|metabase|redash|power ?bi)\b/i;

/**
 * Whether a text is a program's own or quoted, by what precedes it. The work is bounded, whatever
 * the line's length.
 */
export function sourceAfter(before: string): TextSource {
  const { tail, isSearched } = wordsBefore(before);
  const isQuoted = isSearched || quotingLabel.test(tail) || productLabel.test(tail);
  return isQuoted ? 'quoted' : 'own';
}

/**
 * Whether nothing precedes a text but a record's beginning, a quote, or a label such as `stdout:`.
 */
export function beginsRecord(before: string): boolean {
  const { tail, isSearched } = wordsBefore(before);
  if (isSearched || tail.length > labelCharactersMax || quotingLabel.test(tail)) return false;
  return tail === '' || label.test(tail) || loneLabel.test(tail);
}

/** What precedes a text in its line, or in the string that contains it. */
function wordsBefore(before: string): {
  readonly tail: string;
  /** It is a string that a program compares with or searches for. */
  readonly isSearched: boolean;
} {
  const rest = withoutRecordPrefix(before.slice(-beforeCharactersMax));
  let start = 0;
  for (const mark of rest.matchAll(stringStart)) start = mark.index + mark[0].length;
  const tail = withoutRecordPrefix(rest.slice(start));
  const introduction = rest.slice(0, start).replace(/[bfru]{0,2}["'`]$/i, '');
  return { tail, isSearched: tail === '' && start > 0 && quotingWord.test(introduction) };
}

/**
 * `{override.py:1596} INFO - `, with other brackets or none if the log has another format. The
 * secrets masker may have masked the level or the number.
 */
const placeSlot =
  /(?:^|[^\w.-])(?<brace>\{{0,2})(?<module>manager|override|security)\.py:(?<line>\d{1,6}|\*{3})\W{0,10}(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)?\W{0,6}$/;
const slotCharactersMax = 80;

/**
 * No version of Airflow writes anything about users and roles above this line of its module. In all
 * that Amazon MWAA runs (2.4 to 2.11, 3.0 and the Flask-AppBuilder provider 1.0 to 3.0), the first
 * such line is 211 of www/fab_security/sqla/manager.py, 258 of www/security.py and 1052 of
 * override.py; the first two files exist in no later version, and half of the third is reserved for
 * versions to come.
 *
 * The text of a line cannot distinguish Airflow from a DAG's own module of this name: users choose
 * their names, so `Updated user settings` may come from either.
 */
const firstLines: Readonly<Record<string, number>> = { manager: 150, security: 200, override: 500 };

/** Whether a place in the code can be in Airflow's security manager. */
function isOfSecurityManager(groups: Readonly<Record<string, string | undefined>> = {}): boolean {
  const { module = '', line = '' } = groups;
  return !/^\d+$/.test(line) || Number(line) >= (firstLines[module] ?? 0);
}

/** Logger names of Airflow's security manager, in the provider and before that. */
export const securityManagerLogger =
  /(?:^|[[\s"])(?:airflow|\*{3})\.[\w.]{0,80}(?:fab_security\.|fab\.auth_manager\.security_manager)/;

const modules = ['manager.py', 'override.py', 'security.py'];
const loggers = [
  ...['airflow.www.fab_security.manager', 'airflow.www.security', 'airflow.www.security_manager'],
  'airflow.auth.managers.fab.security_manager.override',
  'airflow.providers.fab.www.security_manager',
  'airflow.providers.fab.auth_manager.security_manager.override',
];

/**
 * In a record's braces: file and number. A JSON member that names the logger, and structlog's
 * brackets.
 */
const places =
  /\{([\w.*]{1,80}):[\d*]|"logger"\s{0,4}:\s{0,4}"([\w.*]{1,160})"| \[([\w.*]{1,160})\](?: \w{1,20}=|\s{0,4}$)/g;

/**
 * Whether the secrets masker masked all or a part of a module's or logger's name in a record of the
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
  /"(?:filename|file|loc|pathname)"\s{0,4}:\s{0,4}"(?:[^"\\]{0,200}\/)?(?<module>manager|override|security)\.py(?::(?<line>\d{1,6}))?/;
const lineMember = /"line(?:no)?"\s{0,4}:\s{0,4}"?(?<line>\d{1,6})/;

/** Whether the event as a whole is a record of Airflow's security manager, as its JSON shows. */
export function isSecurityManagerEvent(message: string): boolean {
  const logger = loggerMember.exec(message)?.groups?.logger;
  if (logger !== undefined) return securityManagerLogger.test(logger);
  const named = moduleMember.exec(message)?.groups;
  if (named === undefined) return false;
  return isOfSecurityManager({
    module: named.module,
    line: named.line ?? lineMember.exec(message)?.groups?.line,
  });
}

/**
 * Whether anything in the event is in the security manager's place; true also for what cannot be
 * parsed.
 */
export function holdsSecurityManagerRecord(text: string, message: string): boolean {
  if (isSecurityManagerEvent(message) || securityManagerLogger.test(text)) return true;
  for (const { groups } of text.matchAll(record)) if (isOfSecurityManager(groups)) return true;
  return false;
}

const record =
  /\{{1,2}(?<module>manager|override|security)\.py:(?<line>\d{1,6})\}{1,2} [A-Z]{1,10} - /g;

/**
 * Whether a text of the security manager is own or quoted: its module is in the record's place
 * right before it, in the JSON member of the logger, or in the brackets that structlog ends a line
 * with.
 *
 * @param following the text and what follows it
 * @returns undefined if none of these holds: the text is another program's
 */
export function securityManagerSource(
  before: string,
  following: string,
  isOwnEvent: boolean,
): TextSource | undefined {
  const from = Math.max(0, before.length - slotCharactersMax);
  const near = before.slice(from);
  const slot = near.includes('.py:') ? placeSlot.exec(near) : null;
  if (slot !== null && isOfSecurityManager(slot.groups)) {
    if (slot.groups?.brace !== '') return 'own';
    // Without braces it may be a word of the sentence: `see manager.py:7: Updated user list`.
    return beginsRecord(before.slice(0, from + slot.index + 1)) ? 'own' : undefined;
  }
  if (isOwnEvent || securityManagerLogger.test(following)) return sourceAfter(before);
  return undefined;
}
