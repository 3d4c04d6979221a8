import type { GroupFault, Schedule } from '../schedule/schedule.ts';
import type { Timeline } from '../schedule/timeline.ts';
import type { SimulatedLogGroup } from '../services/log-groups.ts';
import type { GroupFaultKind } from './fault-kinds.ts';

/** A fault of a log group while it lasts. */
export interface ActiveFault extends GroupFault {
  readonly id: number;
  readonly fromMs: number;
}

const absent: ReadonlySet<GroupFaultKind> = new Set([
  'group-deleted',
  'group-gone',
  'group-created',
]);
const removing: ReadonlySet<GroupFaultKind> = new Set([
  'group-deleted',
  'group-gone',
  'group-emptied',
]);

/** The faults of the log groups in a schedule. */
export class GroupFaults {
  readonly #faults: readonly (ActiveFault & { readonly toMs: number })[];
  readonly #active = new Set<ActiveFault>();

  constructor({ groupFaults }: Pick<Schedule, 'groupFaults'>, timeline: Timeline) {
    this.#faults = groupFaults.map((fault, id) => ({
      ...fault,
      id,
      // A group that is created later is not there from the start.
      fromMs: timeline.at(fault.kind === 'group-created' ? 0 : fault.from),
      toMs: timeline.at(fault.to),
    }));
  }

  /** Enters the beginnings and ends of all faults. */
  enter(
    at: (epochMs: number, run: () => void) => void,
    groups: readonly SimulatedLogGroup[],
    changed: (group: SimulatedLogGroup, what: string) => void,
  ): void {
    for (const fault of this.#faults) {
      const group = groups[fault.group];
      if (group === undefined) continue;
      at(fault.fromMs, () => {
        this.#active.add(fault);
        if (removing.has(fault.kind)) group.empty();
        this.#settle(group, fault.group, fault.fromMs);
        changed(group, `${fault.kind} begins`);
      });
      if (fault.kind === 'group-gone') continue;
      at(fault.toMs, () => {
        this.#active.delete(fault);
        this.#settle(group, fault.group, fault.toMs);
        changed(group, `${fault.kind} ends`);
      });
    }
  }

  /** The faults that a log group has now. */
  of(groupIndex: number): ActiveFault[] {
    return [...this.#active].filter(({ group }) => group === groupIndex);
  }

  #settle(group: SimulatedLogGroup, groupIndex: number, nowEpochMs: number): void {
    const { facts } = group;
    const kinds = new Set(this.of(groupIndex).map(({ kind }) => kind));
    const exists = ![...absent].some((kind) => kinds.has(kind));
    if (exists && !facts.exists) facts.createdEpochMs = nowEpochMs;
    facts.exists = exists;
    facts.enabled = !kinds.has('group-disabled');
    facts.logLevel = kinds.has('group-above-info') ? 'WARNING' : 'INFO';
    facts.busy = !kinds.has('group-silent');
    facts.denial = kinds.has('group-denied')
      ? 'denied'
      : kinds.has('group-key-unreadable')
        ? 'key-unreadable'
        : undefined;
    group.setBusy(nowEpochMs, facts.busy && facts.exists && facts.enabled);
  }
}
