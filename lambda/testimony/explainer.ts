import type { FindingRecord } from '../findings/finding-record.ts';
import { isOwnDetection } from '../findings/own-finding.ts';
import type { StateChange, StateChangeKind } from '../model/testimony.ts';
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
export function canDo(
  verb: Verb | undefined,
  { object, kind, permissions = [] }: StateChange,
): boolean {
  if (verb === undefined || verb === 'write-metadata-tables') return true;
  const isAboutDags = verb === 'change-dag-access' || verb === 'clean-up-permissions';
  if (isAboutDags && !permissions.every(isOnDag)) return false;
  return (object === 'user' ? ofUsers : ofRoles)[verb]?.includes(kind) ?? false;
}

/** What a finding says, as far as it can explain anything. */
export interface Explainer {
  readonly record: FindingRecord;
  readonly verb: Verb | undefined;
  readonly users: readonly string[];
  readonly roles: readonly string[];
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}

export function explainerOf(record: FindingRecord): Explainer {
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
export function isAboutChange({ finding, flood }: FindingRecord): boolean {
  return flood === undefined && !finding.detections.some(isOwnDetection);
}

/** In the order of their lines. */
export function byTime(a: Explainer, b: Explainer): number {
  return a.firstEpochMs - b.firstEpochMs || (a.record.finding.id < b.record.finding.id ? -1 : 1);
}

/** It may have changed more than it names. */
export function isBatch(explainer: Explainer): boolean {
  return isImport(explainer) || explainer.verb === 'sync-permissions';
}

export function isImport({ verb }: Explainer): boolean {
  return verb === 'import-users' || verb === 'import-roles';
}
