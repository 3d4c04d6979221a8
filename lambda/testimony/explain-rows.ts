import type { FindingRecord } from '../findings/finding-record.ts';
import type { AuditCommand, AuditRow } from '../model/airflow-state.ts';
import { stateDetection } from '../model/testimony.ts';
import type { Verb } from '../model/verbs.ts';
import {
  byTime,
  canDo,
  type Explained,
  type Explainer,
  explainerOf,
  isAboutChange,
  isBatch,
} from './explainer.ts';

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
  const explainers = records.filter(isAboutChange).map(explainerOf).toSorted(byTime);
  const joins = new Map<FindingRecord, AuditRow[]>();
  const taken = new Set<FindingRecord>();
  const left: AuditRow[] = [];
  for (const row of rows.filter(({ id }) => !told.has(id))) {
    const near = explainers.filter(
      ({ firstEpochMs, lastEpochMs }) =>
        row.whenEpochMs >= firstEpochMs - correlateMs &&
        row.whenEpochMs <= lastEpochMs + correlateMs,
    );
    const named = near.find((explainer) =>
      row.commands.every((command) => isSameCommand(explainer, command)),
    );
    const vague = near.find(
      (explainer) =>
        !taken.has(explainer.record) &&
        !explainer.record.approved &&
        !explainer.record.testimony?.rows.length &&
        row.commands.every((command) => mayBeCommand(explainer, command)),
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
function isSameCommand(explainer: Explainer, { verb, target, role, roles }: AuditCommand): boolean {
  if (verb === undefined || !fitsVerb(explainer, verb)) return false;
  const [users, named] = [explainer.users, explainer.roles];
  const wanted = [...(role === undefined ? [] : [role]), ...(roles ?? [])];
  if (target === undefined && wanted.length === 0) {
    return isBatch({ ...explainer, verb }) && !explainer.record.approved;
  }
  const isUser = target === undefined || users.includes(target);
  const isRole = wanted.every((each) => named.includes(each));
  return isUser && isRole;
}

/** Whether a finding that leaves something open may be of that command, and contradicts nothing. */
function mayBeCommand(explainer: Explainer, { verb, target, role, roles }: AuditCommand): boolean {
  if (explainer.record.finding.detections.includes(stateDetection)) return false;
  const { users, roles: named } = explainer;
  if (verb !== undefined && explainer.verb !== undefined && !fitsVerb(explainer, verb))
    return false;
  const wanted = [...(role === undefined ? [] : [role]), ...(roles ?? [])];
  const isUser = users.length === 0 || (target !== undefined && users.includes(target));
  const isRole = named.length === 0 || wanted.some((each) => named.includes(each));
  const isOpen = explainer.verb === undefined || users.length === 0 || named.length === 0;
  return isOpen && isUser && isRole;
}

/** A change of the state has no verb: its kinds show what it can have been. */
function fitsVerb({ verb, record }: Explainer, of: Verb): boolean {
  if (!record.finding.detections.includes(stateDetection)) return verb === of;
  return record.testimony?.changes.some((change) => canDo(of, change)) ?? false;
}
