import { isCommandEndpoint } from '../shell/follow/shell-programs.ts';
import { mask, readPythonList } from '../text/log-text.ts';
import type { EchoedCommand } from './echoed-commands.ts';
import type { PrivilegeCommand } from './privilege-command.ts';
import { readPrivilegeRequest } from './web-request.ts';

/**
 * Privilege commands that the task does not run in a shell. It sends them to the web server of an
 * environment, through MWAA's command endpoint (`POST /aws_mwaa/cli`, the body is a command without
 * `airflow`) or the API call InvokeRestApi; or Airflow's command line repeats one because it cannot
 * write its audit log.
 */

/** Long enough for a role's permissions, short enough to read thousands of commands. */
const commandCharactersMax = 2_000;

/**
 * A request's body: the words are at the beginning of a string or after `=`. The secrets masker may
 * have replaced one of them.
 */
const requestBody =
  /(?:["'=\s]|\\n)(?=(?:(?:users|roles|\*{3})\s{1,4}(?:add-role|remove-role|create|delete|import|reset-password|add-perms|del-perms)|(?:users|roles)\s{1,4}[a-z-]{0,9}\*{3}[a-z-]{0,9}|sync-perm|\*{3}-(?:role|perms?))(?![\w-]))/g;

/** Signs that a request is made; a text without them only explains it, as a manual does. */
const requestSigns = /Running command|Command '|send: b|POST|(?:^|\n|- )\\*\++ /;

/** http.client's `send: b'…'` shows a request's head and its body in turn. */
const sent = 'send: b';

/** The end of the string or line around a body. */
const bodyEnd = /["'\n\\]/;

/** The requests to MWAA's command endpoint that a text shows, as commands of Airflow. */
export function endpointCommands(text: string): readonly EchoedCommand[] {
  const isToEndpoint = isCommandEndpoint(text);
  if (!isToEndpoint && !text.includes(sent)) return [];
  const isRequest = requestSigns.test(text);
  const echoes: EchoedCommand[] = [];
  let from = 0;
  for (const mark of text.matchAll(requestBody)) {
    if (!isToEndpoint && text.slice(Math.max(0, mark.index - sent.length), mark.index) !== sent)
      continue;
    const start = mark.index + mark[0].length;
    if (start < from) continue;
    const rest = text.slice(start, start + commandCharactersMax);
    const end = rest.search(bodyEnd);
    from = start + (end < 0 ? rest.length : end);
    const shellText = `airflow ${text.slice(start, from)}`;
    echoes.push({ shellText, failed: false, ...(!isRequest && { prompted: true }) });
  }
  return echoes;
}

const fullCommand = /(?:full_command|\*{3}_command|full_\*{3}|"\*{3})\W{1,10}(?=\[)/g;

/**
 * The commands in `WARNING - Failed to log action with (…) [parameters: {… 'extra':
 * '{"full_command": "[\'/usr/local/bin/airflow\', \'users\', …]"}'}]`. Airflow itself masks the
 * password.
 */
export function actionLogCommands(text: string): readonly EchoedCommand[] {
  const echoes: EchoedCommand[] = [];
  let from = 0;
  for (const mark of text.matchAll(fullCommand)) {
    const start = mark.index + mark[0].length;
    if (start < from) continue;
    // It is Python's repr within JSON within Python's repr: the list's quotes have backslashes.
    const list = text.slice(start, start + commandCharactersMax).replace(/\\{1,8}(?=['"])/g, '');
    const argv = readPythonList(list, 0);
    from = start + commandCharactersMax;
    if (argv !== undefined) echoes.push({ argv: argv.items, failed: false });
  }
  return echoes;
}

/** In these, each word may be masked. */
const restCall =
  /\b(?:invoke[-_]rest[-_]api\b|mwaa\s{1,4}[a-z-]{0,12}\*{3}[a-z-]{0,12})|\*{3}[-_]rest[-_]api\b/g;
const restPath = /(?:--(?:path|\*{3})|\bPath)\W{1,6}?(\/[^\s"'\\,;)]{1,300})/;
const restMethod = /(?:--(?:method|\*{3})|\bMethod)(?:\s|\W{1,6})(?:([A-Z]{3,7})\b|\*{3})/;

/**
 * The changes of users and roles that calls of InvokeRestApi request; their paths begin after
 * `/api/v1`.
 */
export function restCommands(text: string): readonly PrivilegeCommand[] {
  const commands: PrivilegeCommand[] = [];
  let from = 0;
  for (const { index } of text.matchAll(restCall)) {
    if (index < from) continue;
    from = index + commandCharactersMax;
    const call = text.slice(index, from);
    const path = restPath.exec(call)?.[1]?.replace(/^\/\*{3}/, '/users');
    const sentBy = restMethod.exec(call);
    // A masked method may be one that writes.
    const method = sentBy?.[1] ?? 'PATCH';
    if (path === undefined || (sentBy === null && !call.includes(mask))) continue;
    const request = readPrivilegeRequest({ method, path: `/api/v1${path}`, status: 200 });
    if (request === undefined) continue;
    const { verb, target, role } = request;
    commands.push({
      verb,
      ...(target === undefined ? {} : { target }),
      ...(role === undefined ? {} : { role }),
    });
  }
  return commands;
}

/** The program before the group: `superset fab create-admin`. */
const otherProgram =
  /(?:^|[\s'"`;&|(/])([\w.-]{1,60})\s{1,4}fab\s{1,4}(?:create-admin|create-user|reset-password)\b/;

/**
 * Whether a text shows a command of another product that is built on Flask-AppBuilder, which prints
 * the same as Airflow's `flask fab`. False for a text that mentions Airflow or flask.
 */
export function isOtherProductsCommand(text: string): boolean {
  return !/airflow|flask|\*\*\*/i.test(text) && otherProgram.test(text);
}

/** Superset's loggers, and Flask-AppBuilder's security manager: Airflow has its own. */
const otherLogger =
  /:(?:superset\.(?:utils\.log|init|security)|flask_appbuilder\.security\.sqla)[\w.]{0,60}:/;

/** Whether a text is from the log of another product that is built on Flask-AppBuilder. */
export function isOtherProductsLog(text: string): boolean {
  return otherLogger.test(text);
}
