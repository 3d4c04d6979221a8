import type { CallFault, Schedule } from '../schedule/schedule.ts';
import type { Timeline } from '../schedule/timeline.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { CallFaultKind, QueryFaultKind } from './fault-kinds.ts';
import type { Step } from './steps.ts';

interface PendingFault {
  readonly fault: CallFault;
  toSkip: number;
}

/** The faults of a storm, for any call. Kills are rarer, because each ends a whole invocation. */
const stormKinds = [
  ...(['throttled', 'throttled', 'lost-on-the-way-out', 'lost-on-the-way-out'] as const),
  ...(['lost-on-the-way-back', 'lost-on-the-way-back'] as const),
  ...(['killed-before-effect', 'killed-after-effect'] as const),
];

/** Decides which calls are struck. */
export class CallFaults {
  readonly #schedule: Pick<Schedule, 'storms'>;
  readonly #timeline: Timeline;
  #pending: PendingFault[];
  #isOver = false;

  constructor(schedule: Pick<Schedule, 'callFaults' | 'storms' | 'bus'>, timeline: Timeline) {
    this.#schedule = schedule;
    this.#timeline = timeline;
    const faults = [...schedule.callFaults, ...(schedule.bus?.callFaults ?? [])];
    this.#pending = faults.map((fault) => ({ fault, toSkip: fault.skip }));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** From now on no fault strikes. */
  end(): void {
    this.#isOver = true;
  }

  strike(
    { tick, random }: { readonly tick: number; readonly random: SeededRandom },
    step: Step,
    nowEpochMs: number,
  ): CallFaultKind | QueryFaultKind | undefined {
    if (this.#isOver) return undefined;
    const due = this.#pending.find(({ fault }) => fault.step === step && fault.tick <= tick);
    if (due !== undefined) {
      if (due.toSkip === 0) {
        this.#pending = this.#pending.filter((other) => other !== due);
        return due.fault.kind;
      }
      due.toSkip -= 1;
    }
    const storm = this.#schedule.storms.find(
      ({ from, to }) =>
        nowEpochMs >= this.#timeline.at(from) && nowEpochMs <= this.#timeline.at(to),
    );
    const isStruck = storm !== undefined && random.chance(storm.struckPermille / 1000);
    return isStruck ? random.pick(stormKinds) : undefined;
  }
}
