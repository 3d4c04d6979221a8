import { cutText } from '../common/text.ts';
import { namesCharactersMax } from '../correlate/change.ts';
import type { AuditRow } from '../model/airflow-state.ts';
import type { Evidence, Finding } from '../model/finding.ts';
import { higherSeverity, type Severity, severityRank } from '../model/severity.ts';
import {
  auditDetection,
  type StateChange,
  stateChangeId,
  stateDetection,
  type Testimony,
  type Witnessed,
} from '../model/testimony.ts';
import { redactSecrets } from '../redact/redact.ts';
import { shownName } from '../text/show-text.ts';
import { changesPhrase, spanPhrase } from './state-words.ts';
import { invisibleOutcome } from './title.ts';
import { undoOf, undoOfGivenPermissions } from './undo.ts';

/**
 * Where evidence of the second witness comes from, in place of a log group. Nobody has yet checked on MWAA
 * itself that its answers are what they are on plain Airflow: the names say so.
 */
export const auditLogSource = "Airflow's audit log (experimental)";
export const stateSource = "Airflow's users and roles (experimental)";

const sources: ReadonlySet<string> = new Set([auditLogSource, stateSource]);

/** Whether evidence was seen by the second witness and not in a log. */
export function isWitnessed({ logGroup }: Pick<Evidence, 'logGroup'>): boolean {
  return sources.has(logGroup);
}

/**
 * The severity of a command of which only the audit log is certain, as of one that a log repeats: whether it
 * worked is not known.
 */
export function rowSeverity({ commands }: AuditRow): Severity {
  return commands.every(({ verb }) => verb === 'sync-permissions') ? 'low' : 'medium';
}

const noteCharactersMax = 300;
const commandCharactersMax = 100;

/**
 * A finding with what the second witness says. It never gets milder: the author of a log line must not be
 * able to explain away what the state shows.
 *
 * - A change of the state raises the severity to its own, gives names to a finding that has none, and shows
 *   that a command whose outcome was unknown succeeded.
 * - A row of the audit log is evidence that a command began. That it failed is said by a line alone, which
 *   whoever ran it can print: it is no milder with such a line than without any.
 * - An unchanged state adds its words and nothing else: a grant that was used and taken back looks the same.
 */
export function withTestimony(finding: Finding, testimony: Testimony | undefined): Finding {
  if (testimony === undefined) return finding;
  const { changes, rows, base } = testimony;
  const { target: _, role: __, headline: ___, undo, ...rest } = finding;
  const { detections } = finding;
  const isChanged = changes.length > 0;
  const severity = [...changes.map((change) => change.severity), ...rows.map(rowSeverity)].reduce(
    higherSeverity,
    base.severity,
  );
  const named = namesWith(testimony);
  const isOfAuditLog = detections.includes(auditDetection);
  const evidence = [...changesEvidence(changes), ...rows.map(rowEvidence)];
  const outcome = isChanged && base.outcome === 'unknown' ? 'succeeded' : base.outcome;
  const wayBack = undo ?? undoOfChanges(changes);
  return {
    ...rest,
    severity,
    // Of what the witness alone saw, the title says all.
    title: detections.includes(stateDetection) ? base.title : titleWith(testimony, isOfAuditLog),
    ...headlineWith(testimony),
    ...named,
    outcome,
    evidence: [...finding.evidence.filter((event) => !isWitnessed(event)), ...evidence],
    ...(wayBack && { undo: wayBack }),
  };
}

/** Ends each text that relies on the witness, until somebody has checked its answers on MWAA itself. */
const experimental = ' (experimental)';

function titleWith({ base, changes, rows, unchanged }: Testimony, isOfAuditLog: boolean): string {
  const [row] = rows;
  const note =
    changes.length > 0
      ? `Airflow's tables show: ${changesPhrase(changes)} since ${spanPhrase(changes)}`
      : row !== undefined && isNameless(base) && !isOfAuditLog
        ? `Airflow's audit log shows: ${shownName(row.command, commandCharactersMax)}`
        : undefined;
  const same = unchanged === true && changes.length === 0 ? '; the state did not change' : '';
  if (note === undefined && same === '') return base.title;
  const title = changes.length > 0 ? base.title.replace(invisibleOutcome, '') : base.title;
  const seen = note === undefined ? '' : `; ${cutText(redactSecrets(note), noteCharactersMax)}`;
  return `${title.replace(experimental, '')}${seen}${same}${experimental}`;
}

/** The subject of a mail names whom the log does not name. */
function headlineWith({ base, changes }: Testimony): { readonly headline?: string } {
  if (changes.length > 0 && isNameless(base)) {
    return { headline: redactSecrets(changesPhrase(changes)) };
  }
  return base.headline === undefined ? {} : { headline: base.headline };
}

function isNameless({ target, role }: Testimony['base']): boolean {
  return isNobody(target) && isNobody(role);
}

/** No name, or the number of a record. */
function isNobody(name: string | undefined): boolean {
  return name === undefined || /^\d{1,12}$/.test(name);
}

function namesOfCommand({ target, role, roles = [] }: AuditRow['commands'][number]) {
  return {
    users: target === undefined ? [] : [target],
    roles: [...(role === undefined ? [] : [role]), ...roles],
  };
}

/**
 * What a record has of what it is to explain, so that its message names all of it: the rest does not fit into
 * its lists of names, and is to be told by itself.
 */
export function shownBy(
  { finding, testimony }: { readonly finding: Finding; readonly testimony?: Testimony | undefined },
  { changes = [], rows = [] }: Witnessed,
): Required<Pick<Witnessed, 'changes' | 'rows'>> {
  const has = (names: string | undefined, wanted: readonly string[]) => {
    const known = new Set([names, ...(names?.split(', ') ?? [])]);
    return wanted.every((name) => known.has(name));
  };
  const changeIds = new Set(testimony?.changes.map(stateChangeId));
  const rowIds = new Set(testimony?.rows.map(({ id }) => id));
  return {
    changes: changes.filter((change) => {
      const { object, name, role } = change;
      const isNamed =
        object === 'user'
          ? has(finding.target, [name]) && has(finding.role, role === undefined ? [] : [role])
          : has(finding.role, [name]);
      return isNamed && changeIds.has(stateChangeId(change));
    }),
    rows: rows.filter(({ id, commands }) => {
      const names = commands.map(namesOfCommand);
      return (
        rowIds.has(id) &&
        names.every(({ users, roles }) => has(finding.target, users) && has(finding.role, roles))
      );
    }),
  };
}

/** A log that names a user, or a role, is believed; only the state, never the audit log, adds names to it. */
function namesWith({ base, changes, rows }: Testimony) {
  const ofRows = rows.flatMap(({ commands }) => commands).map(namesOfCommand);
  const users = [
    ...changes.flatMap(({ object, name }) => (object === 'user' ? [name] : [])),
    ...(isNobody(base.target) ? ofRows.flatMap((names) => names.users) : []),
  ];
  const roles = [
    ...changes.flatMap((change) =>
      change.object === 'role' ? [change.name] : (change.role ?? []),
    ),
    ...(isNobody(base.role) ? ofRows.flatMap((names) => names.roles) : []),
  ];
  // The number of a record, where the state shows whose it is.
  const isRecord = isNobody(base.target) && users.length + roles.length > 0;
  const target = namesOf(isRecord ? undefined : base.target, users);
  const role = namesOf(base.role, roles);
  return { ...(target && { target }), ...(role && { role }) };
}

/** The names of the log, and after them those that it does not have. */
function namesOf(known: string | undefined, seen: readonly string[]): string | undefined {
  const before = known === undefined || (isNobody(known) && seen.length > 0) ? [] : [known];
  const split = known?.split(', ') ?? [];
  const added = [...new Set(seen)].filter((name) => name !== known && !split.includes(name));
  const all = [...before, ...added];
  if (all.length === 0) return undefined;
  return cutText(redactSecrets(all.join(', ')), Math.max(namesCharactersMax, known?.length ?? 0));
}

function changesEvidence(changes: readonly StateChange[]): Evidence[] {
  const objects = [...Map.groupBy(changes, ({ object, name }) => `${object} ${name}`)];
  return objects.map(([object, ofObject]) => ({
    logGroup: stateSource,
    logStream: cutText(redactSecrets(object), namesCharactersMax),
    timestamp: new Date(Math.max(...ofObject.map(({ toEpochMs }) => toEpochMs))).toISOString(),
    message: redactSecrets(
      `${changesPhrase(ofObject)}; since ${spanPhrase(ofObject)}${reasonOf(ofObject)}`,
    ),
    occurrences: 1,
  }));
}

const reasons = {
  login: 'around a login of this user, at which IAM decides',
  'dag-access': 'as the access_control of a DAG gives it',
  upgrade: 'with a new version of Airflow',
} as const;

function reasonOf(changes: readonly StateChange[]): string {
  const causes = [...new Set(changes.flatMap(({ because }) => because ?? []))];
  return causes.length === 0 ? '' : ` (${causes.map((cause) => reasons[cause]).join('; ')})`;
}

function rowEvidence({ id, event, whenEpochMs, owner, host, command }: AuditRow): Evidence {
  const who = [owner && `by ${owner}`, host && `on ${host}`].filter(Boolean).join(' ');
  return {
    logGroup: auditLogSource,
    logStream: `row ${id}`,
    timestamp: new Date(whenEpochMs).toISOString(),
    message: redactSecrets(`${event}${who === '' ? '' : ` ${who}`}: ${command}`),
    occurrences: 1,
  };
}

/** The commands that take back roles of users, or else permissions of roles; undefined where none does. */
export function undoOfChanges(changes: readonly StateChange[]): Finding['undo'] {
  const gained = changes.filter(
    ({ kind, because }) => kind === 'gained-role' && because !== 'login',
  );
  const ofUsers = undoOf({
    verb: 'grant-role',
    targets: [...new Set(gained.map(({ name }) => name))],
    roles: [...new Set(gained.flatMap(({ role }) => role ?? []))],
    outcome: 'succeeded',
    evidence: [],
  });
  return ofUsers ?? undoOfPermissions(changes);
}

function undoOfPermissions(changes: readonly StateChange[]): Finding['undo'] {
  const gained = changes.filter(
    ({ kind, because }) => kind === 'gained-permissions' && because === undefined,
  );
  if (gained.length === 0) return undefined;
  const permissions = gained.flatMap(({ name: role, permissions: names = [] }) =>
    names.map((permission) => {
      const [action = '', ...resource] = permission.split(' on ');
      return { role, action, resource: resource.join(' on ') };
    }),
  );
  const count = gained.reduce((sum, { permissionCount = 0 }) => sum + permissionCount, 0);
  const roles = [...new Set(gained.map(({ name }) => name))];
  return undoOfGivenPermissions(permissions, roles, count <= permissions.length);
}

/** What one finding takes. A file that is imported may have changed hundreds of users. */
const changesMax = 100;
const rowsMax = 20;

/**
 * A testimony with more in it, each thing once, as far as there is room for it: of very many new changes the
 * worst, and the first rows.
 *
 * @returns undefined if there is nothing new
 */
export function moreTestimony(
  known: Testimony | undefined,
  base: Testimony['base'],
  { changes = [], rows = [], unchanged }: Witnessed,
): Testimony | undefined {
  const before = known ?? { changes: [], rows: [], base };
  const ids = new Set(before.changes.map(stateChangeId));
  const rowIds = new Set(before.rows.map(({ id }) => id));
  const isNew = (change: StateChange) => !ids.has(stateChangeId(change));
  const room = Math.max(0, changesMax - before.changes.length);
  const newChanges = changes.filter(isNew);
  const kept =
    newChanges.length <= room
      ? newChanges
      : newChanges
          .toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity))
          .slice(0, room);
  const newRows = rows
    .filter(({ id }) => !rowIds.has(id))
    .slice(0, Math.max(0, rowsMax - before.rows.length));
  const isUnchanged =
    unchanged === true && before.unchanged !== true && before.changes.length === 0;
  if (kept.length === 0 && newRows.length === 0 && !isUnchanged) return undefined;
  return {
    ...before,
    changes: [...before.changes, ...kept],
    rows: [...before.rows, ...newRows],
    ...(isUnchanged && { unchanged: true }),
  };
}
