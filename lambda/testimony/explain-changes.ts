import { secondMs } from '../common/time.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import { severityRank } from '../model/severity.ts';
import { type StateChange, stateChangeId, stateDetection } from '../model/testimony.ts';
import type { Verb } from '../model/verbs.ts';
import {
  byTime,
  canDo,
  type Explained,
  type Explainer,
  explainerOf,
  isAboutChange,
  isBatch,
  isImport,
} from './explainer.ts';

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
  const explainers = records
    .filter(isAboutChange)
    .filter(({ finding: { outcome, detections } }) => {
      const isOpen = outcome === 'succeeded' || outcome === 'unknown';
      return isOpen && !detections.includes(stateDetection);
    })
    .map(explainerOf)
    .toSorted(byTime);
  const isNear = (change: StateChange, { firstEpochMs, lastEpochMs }: Explainer) =>
    lastEpochMs >= change.fromEpochMs - correlateMs &&
    // What was read already is not the work of a later line.
    firstEpochMs <= change.toEpochMs + lineLateMs;
  const joins = new Map<FindingRecord, StateChange[]>();
  const left: StateChange[] = [];
  const byUser = byName(explainers, ({ users }) => users);
  const byRole = byName(explainers, ({ roles }) => roles);
  for (const change of open) {
    const { object, name, aliases = [] } = change;
    const naming =
      object === 'role'
        ? (byRole.get(name) ?? [])
        : [name, ...aliases].flatMap((known) => byUser.get(known) ?? []);
    const named = naming.filter(
      (explainer) =>
        isNear(change, explainer) && canDo(explainer.verb, change) && names(explainer, change),
    );
    // The finding of a user's own name comes before one of many, and a known verb before an unknown one.
    const [best] = named.toSorted((a, b) => vagueness(a) - vagueness(b));
    if (best === undefined) left.push(change);
    else joins.set(best.record, [...(joins.get(best.record) ?? []), change]);
  }
  const rest = explainByNameless(left, explainers, joins, isNear);
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
  explainers: readonly Explainer[],
  namesOf: (explainer: Explainer) => readonly string[],
): ReadonlyMap<string, readonly Explainer[]> {
  const naming = new Map<string, Explainer[]>();
  for (const explainer of explainers) {
    for (const name of new Set(namesOf(explainer))) {
      const others = naming.get(name);
      if (others === undefined) naming.set(name, [explainer]);
      else others.push(explainer);
    }
  }
  return naming;
}

function vagueness({ verb, users, roles }: Explainer): number {
  return (verb === undefined ? 1_000_000 : 0) + users.length + roles.length;
}

const namesRoleOfUser: ReadonlySet<Verb> = new Set(['grant-role', 'revoke-role', 'create-user']);

function names(explainer: Explainer, change: StateChange): boolean {
  const { verb, users, roles, record } = explainer;
  if (record.approved) return namesInFull(explainer, change);
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
function namesInFull({ users, roles, record }: Explainer, change: StateChange): boolean {
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
  explainers: readonly Explainer[],
  joins: Map<FindingRecord, StateChange[]>,
  isNear: (change: StateChange, explainer: Explainer) => boolean,
): readonly StateChange[] {
  const objects = [...Map.groupBy(changes, objectOf).values()].toSorted(
    (a, b) => worst(a) - worst(b) || (objectOf(a[0]) < objectOf(b[0]) ? -1 : 1),
  );
  const free = explainers.filter(
    ({ record }) => !record.approved && !joins.has(record) && !record.testimony?.changes.length,
  );
  const explained = new Set<StateChange>();
  const explain = (
    ofObject: readonly StateChange[],
    isFit: (explainer: Explainer) => boolean = () => true,
  ) => {
    const isUser = ofObject[0]?.object === 'user';
    const at = free.findIndex((explainer) => {
      const isNameless =
        (isUser ? explainer.users : explainer.roles).length === 0 || isBatch(explainer);
      return (
        isNameless &&
        isFit(explainer) &&
        ofObject.some((change) => isNear(change, explainer) && canDo(explainer.verb, change))
      );
    });
    const [explainer] = at < 0 ? [] : free.splice(at, 1);
    if (explainer === undefined) return;
    const seen = ofObject.filter(
      (change) => isNear(change, explainer) && canDo(explainer.verb, change),
    );
    for (const change of seen) explained.add(change);
    joins.set(explainer.record, seen);
  };
  // An import adds users or roles before all; what it did to others is a guess.
  const added = objects.filter((ofObject) => ofObject.some(({ kind }) => kind === 'added'));
  for (const ofObject of added) explain(ofObject, isImport);
  for (const ofObject of objects) {
    if (!ofObject.some((change) => explained.has(change))) explain(ofObject);
  }
  return changes.filter((change) => !explained.has(change));
}

function objectOf(change: StateChange | undefined): string {
  return JSON.stringify([change?.object, change?.name]);
}

function worst(changes: readonly StateChange[]): number {
  return Math.max(...changes.map(({ severity }) => severityRank(severity)));
}
