import { secondMs } from '../common/time.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import { isOwnDetection } from '../findings/own-finding.ts';
import type { AuditCommand, AuditRow } from '../model/airflow-state.ts';
import { severityRank } from '../model/finding.ts';
import {
  type StateChange,
  type StateChangeKind,
  stateChangeId,
  stateDetection,
} from '../model/testimony.ts';
import type { Verb } from '../model/verbs.ts';
import { isOnDag } from './state-changes.ts';

/** A finding and what the second witness adds to it. */
export interface Join<T> {
  readonly record: FindingRecord;
  readonly seen: readonly T[];
}

/** What findings explain, and what is left. */
export interface Explained<T> {
  readonly joins: readonly Join<T>[];
  readonly left: readonly T[];
}

const ofUsers: Readonly<Partial<Record<Verb, readonly StateChangeKind[]>>> = {
  'grant-role': ['gained-role'],
  'revoke-role': ['lost-role'],
  'create-user': ['added', 'gained-role'],
  'change-user': [
    ...(['renamed', 'switched-on', 'switched-off', 'gained-role', 'lost-role'] as const),
  ],
  'update-user': [
    ...(['renamed', 'switched-on', 'switched-off', 'gained-role', 'lost-role'] as const),
  ],
  'delete-user': ['removed'],
  'import-users': ['added', 'gained-role', 'lost-role'],
};

const ofRoles: Readonly<Partial<Record<Verb, readonly StateChangeKind[]>>> = {
  'create-role': ['added', 'gained-permissions'],
  'change-role': ['added', 'removed', 'gained-permissions', 'lost-permissions'],
  'delete-role': ['removed'],
  'import-roles': ['added', 'gained-permissions', 'lost-permissions'],
  'add-permissions': ['added', 'gained-permissions'],
  'remove-permissions': ['lost-permissions'],
  'sync-permissions': ['added', 'gained-permissions', 'lost-permissions'],
  'change-dag-access': ['gained-permissions', 'lost-permissions'],
  'clean-up-permissions': ['lost-permissions'],
};

/** Verbs whose findings name a user as Airflow shows him, not as he is called: they name nobody here. */
const namesByFullName: ReadonlySet<Verb> = new Set(['update-user']);

/** Whether a verb can have had an effect; an unknown command and SQL can have had any. */
function canDo(verb: Verb | undefined, { object, kind, permissions = [] }: StateChange): boolean {
  if (verb === undefined || verb === 'write-metadata-tables') return true;
  const isAboutDags = verb === 'change-dag-access' || verb === 'clean-up-permissions';
  if (isAboutDags && !permissions.every(isOnDag)) return false;
  return (object === 'user' ? ofUsers : ofRoles)[verb]?.includes(kind) ?? false;
}

/** What a finding says, as far as it can explain anything. */
interface Candidate {
  readonly record: FindingRecord;
  readonly verb: Verb | undefined;
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}

function candidateOf(record: FindingRecord): Candidate {
  const { finding, verb } = record;
  const namesOf = (names: string | undefined) =>
    names === undefined
      ? []
      : [names, ...names.split(', ')].filter((name) => !/^\d{1,12}$/.test(name));
  return {
    ...{ record, verb },
    users: verb !== undefined && namesByFullName.has(verb) ? [] : namesOf(finding.target),
    roles: namesOf(finding.role),
    firstEpochMs: Date.parse(finding.firstSeen),
    lastEpochMs: Date.parse(finding.lastSeen),
  };
}

/** Findings about the monitor itself, and floods, which name no single change, explain nothing. */
function isAboutChange({ finding, flood }: FindingRecord): boolean {
  return flood === undefined && !finding.detections.some(isOwnDetection);
}

/**
 * Which findings explain what became of users and roles.
 *
 * A finding that names the user or role explains all of its changes that its verb can cause, and of roles
 * only those that it names. A finding that names nobody explains the changes of one user or role at most:
 * the mildest ones, so that of several the worst is told by itself. What failed, by the log, explains
 * nothing, and an approved finding only what it names in full, see {@link namesInFull}.
 *
 * @param changes each once, of any readings
 * @param records findings of that time; a finding of the state itself explains nothing
 */
export function explainChanges(
  changes: readonly StateChange[],
  records: readonly FindingRecord[],
  { correlateMs }: { readonly correlateMs: number },
): Explained<StateChange> {
  const told = new Set(
    records.flatMap(({ testimony }) => testimony?.changes.map(stateChangeId) ?? []),
  );
  const open = changes.filter((change) => !told.has(stateChangeId(change)));
  const candidates = records
    .filter(isAboutChange)
    .filter(({ finding: { outcome, detections } }) => {
      const isOpen = outcome === 'succeeded' || outcome === 'unknown';
      return isOpen && !detections.includes(stateDetection);
    })
    .map(candidateOf)
    .toSorted(byTime);
  const isNear = (change: StateChange, { firstEpochMs, lastEpochMs }: Candidate) =>
    lastEpochMs >= change.fromEpochMs - correlateMs &&
    // What was read already is not the work of a later line.
    firstEpochMs <= change.toEpochMs + lineLateMs;
  const joins = new Map<FindingRecord, StateChange[]>();
  const left: StateChange[] = [];
  const byUser = byName(candidates, ({ users }) => users);
  const byRole = byName(candidates, ({ roles }) => roles);
  for (const change of open) {
    const { object, name, aliases = [] } = change;
    const naming =
      object === 'role'
        ? (byRole.get(name) ?? [])
        : [name, ...aliases].flatMap((known) => byUser.get(known) ?? []);
    const named = naming.filter(
      (candidate) =>
        isNear(change, candidate) && canDo(candidate.verb, change) && names(candidate, change),
    );
    // The finding of a user's own name comes before one of many, and a known verb before an unknown one.
    const [best] = named.toSorted((a, b) => vagueness(a) - vagueness(b));
    if (best === undefined) left.push(change);
    else joins.set(best.record, [...(joins.get(best.record) ?? []), change]);
  }
  const rest = explainByNameless(left, candidates, joins, isNear);
  return {
    joins: [...joins].map(([record, seen]) => ({ record, seen: seen.map(asDone) })),
    left: rest,
  };
}

/** A login of the user at that time excuses nothing that somebody is known to have done. */
function asDone(change: StateChange): StateChange {
  const { fullSeverity = change.severity } = change;
  return { ...change, severity: fullSeverity };
}

/** Thousands of changes and of findings may be of one time. */
function byName(
  candidates: readonly Candidate[],
  namesOf: (candidate: Candidate) => readonly string[],
): ReadonlyMap<string, readonly Candidate[]> {
  const naming = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    for (const name of new Set(namesOf(candidate))) {
      const others = naming.get(name);
      if (others === undefined) naming.set(name, [candidate]);
      else others.push(candidate);
    }
  }
  return naming;
}

function vagueness({ verb, users, roles }: Candidate): number {
  return (verb === undefined ? 1_000_000 : 0) + users.length + roles.length;
}

/** In the order of their lines. */
function byTime(a: Candidate, b: Candidate): number {
  return a.firstEpochMs - b.firstEpochMs || (a.record.finding.id < b.record.finding.id ? -1 : 1);
}

const namesRoleOfUser: ReadonlySet<Verb> = new Set(['grant-role', 'revoke-role', 'create-user']);

function names(candidate: Candidate, change: StateChange): boolean {
  const { verb, users, roles, record } = candidate;
  if (record.approved) return namesInFull(candidate, change);
  const { object, name, role, aliases = [] } = change;
  if (object === 'role') return roles.includes(name);
  if (![name, ...aliases].some((known) => users.includes(known))) return false;
  if (role === undefined) return true;
  const mustName = verb !== undefined && namesRoleOfUser.has(verb);
  return roles.includes(role) || !mustName || roles.length === 0;
}

/**
 * Whether an approved finding names a change so that nothing of it is left to tell. A user is meant by his
 * own name alone, since anybody can write an e-mail address, and the permissions that a role gained, which
 * no finding names, are meant only as far as the line is as bad as they are.
 */
function namesInFull({ users, roles, record }: Candidate, change: StateChange): boolean {
  const { object, name, role, severity } = change;
  if (!(object === 'role' ? roles : users).includes(name)) return false;
  if (role !== undefined) return roles.includes(role);
  const { severity: ofLine } = record.testimony?.base ?? record.finding;
  return severityRank(severity) <= severityRank(ofLine);
}

/** Between a change and the line about it, clocks included. */
const lineLateMs = 30 * secondMs;

/** Each finding that names nobody explains at most one user or role. */
function explainByNameless(
  changes: readonly StateChange[],
  candidates: readonly Candidate[],
  joins: Map<FindingRecord, StateChange[]>,
  isNear: (change: StateChange, candidate: Candidate) => boolean,
): readonly StateChange[] {
  const objects = [...Map.groupBy(changes, objectOf).values()].toSorted(
    (a, b) => worst(a) - worst(b) || (objectOf(a[0]) < objectOf(b[0]) ? -1 : 1),
  );
  const free = candidates.filter(
    ({ record }) => !record.approved && !joins.has(record) && !record.testimony?.changes.length,
  );
  const explained = new Set<StateChange>();
  const explain = (
    ofObject: readonly StateChange[],
    isFit: (candidate: Candidate) => boolean = () => true,
  ) => {
    const isUser = ofObject[0]?.object === 'user';
    const at = free.findIndex((candidate) => {
      const isNameless =
        (isUser ? candidate.users : candidate.roles).length === 0 || isBatch(candidate);
      return (
        isNameless &&
        isFit(candidate) &&
        ofObject.some((change) => isNear(change, candidate) && canDo(candidate.verb, change))
      );
    });
    const [candidate] = at < 0 ? [] : free.splice(at, 1);
    if (candidate === undefined) return;
    const seen = ofObject.filter(
      (change) => isNear(change, candidate) && canDo(candidate.verb, change),
    );
    for (const change of seen) explained.add(change);
    joins.set(candidate.record, seen);
  };
  // An import adds users or roles before all; what it did to others is a guess.
  const added = objects.filter((ofObject) => ofObject.some(({ kind }) => kind === 'added'));
  for (const ofObject of added) explain(ofObject, isImport);
  for (const ofObject of objects) {
    if (!ofObject.some((change) => explained.has(change))) explain(ofObject);
  }
  return changes.filter((change) => !explained.has(change));
}

/** It may have changed more than it names. */
function isBatch(candidate: Candidate): boolean {
  return isImport(candidate) || candidate.verb === 'sync-permissions';
}

function isImport({ verb }: Candidate): boolean {
  return verb === 'import-users' || verb === 'import-roles';
}

function objectOf(change: StateChange | undefined): string {
  return JSON.stringify([change?.object, change?.name]);
}

function worst(changes: readonly StateChange[]): number {
  return Math.max(...changes.map(({ severity }) => severityRank(severity)));
}

/**
 * Which findings a row of the audit log belongs to: those of the same command around the time at which it
 * began. A row that names nobody, or a finding that names nobody, fits one of the other kind.
 *
 * @param records findings of that time, also of the state itself
 */
export function explainRows(
  rows: readonly AuditRow[],
  records: readonly FindingRecord[],
  { correlateMs }: { readonly correlateMs: number },
): Explained<AuditRow> {
  const told = new Set(
    records.flatMap(({ testimony }) => testimony?.rows.map(({ id }) => id) ?? []),
  );
  const candidates = records.filter(isAboutChange).map(candidateOf).toSorted(byTime);
  const joins = new Map<FindingRecord, AuditRow[]>();
  const taken = new Set<FindingRecord>();
  const left: AuditRow[] = [];
  for (const row of rows.filter(({ id }) => !told.has(id))) {
    const near = candidates.filter(
      ({ firstEpochMs, lastEpochMs }) =>
        row.whenEpochMs >= firstEpochMs - correlateMs &&
        row.whenEpochMs <= lastEpochMs + correlateMs,
    );
    const named = near.find((candidate) =>
      row.commands.every((command) => isSameCommand(candidate, command)),
    );
    const vague = near.find(
      (candidate) =>
        !taken.has(candidate.record) &&
        !candidate.record.approved &&
        !candidate.record.testimony?.rows.length &&
        row.commands.every((command) => mayBeCommand(candidate, command)),
    );
    const found = named ?? vague;
    if (found === undefined) {
      left.push(row);
      continue;
    }
    taken.add(found.record);
    joins.set(found.record, [...(joins.get(found.record) ?? []), row]);
  }
  return { joins: [...joins].map(([record, seen]) => ({ record, seen })), left };
}

/** Whether a finding names what a command names, with the same verb. */
function isSameCommand(candidate: Candidate, { verb, target, role, roles }: AuditCommand): boolean {
  if (verb === undefined || !fitsVerb(candidate, verb)) return false;
  const [users, named] = [candidate.users, candidate.roles];
  const wanted = [...(role === undefined ? [] : [role]), ...(roles ?? [])];
  if (target === undefined && wanted.length === 0) {
    return isBatch({ ...candidate, verb }) && !candidate.record.approved;
  }
  const isUser = target === undefined || users.includes(target);
  const isRole = wanted.every((each) => named.includes(each));
  return isUser && isRole;
}

/** Whether a finding that leaves something open may be of that command, and contradicts nothing. */
function mayBeCommand(candidate: Candidate, { verb, target, role, roles }: AuditCommand): boolean {
  if (candidate.record.finding.detections.includes(stateDetection)) return false;
  const { users, roles: named } = candidate;
  if (verb !== undefined && candidate.verb !== undefined && !fitsVerb(candidate, verb))
    return false;
  const wanted = [...(role === undefined ? [] : [role]), ...(roles ?? [])];
  const isUser = users.length === 0 || (target !== undefined && users.includes(target));
  const isRole = named.length === 0 || wanted.some((each) => named.includes(each));
  const isOpen = candidate.verb === undefined || users.length === 0 || named.length === 0;
  return isOpen && isUser && isRole;
}

/** A change of the state has no verb: its kinds show what it can have been. */
function fitsVerb({ verb, record }: Candidate, of: Verb): boolean {
  if (!record.finding.detections.includes(stateDetection)) return verb === of;
  return record.testimony?.changes.some((change) => canDo(of, change)) ?? false;
}
