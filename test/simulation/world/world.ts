import { dayMs } from '../../../lambda/common/time.ts';
import type { ChatNotification } from '../../../lambda/messages/chat-message.ts';
import type { FindingEvent } from '../../../lambda/model/finding.ts';
import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import type { ScanPlan } from '../../../lambda/plan/scan-plan.ts';
import { CallFaults } from '../faults/call-faults.ts';
import { Downtimes } from '../faults/downtimes.ts';
import { GroupFaults } from '../faults/group-faults.ts';
import { PackFaults } from '../faults/pack-faults.ts';
import { ScarceMemory } from '../faults/scarce-memory.ts';
import { Stalls } from '../faults/stalls.ts';
import { Strikes } from '../faults/strikes.ts';
import type { LogLine, StoredLine } from '../log-line.ts';
import { simulatedPlan } from '../plan.ts';
import { hostileLines } from '../schedule/hostile-lines.ts';
import {
  type ChangePlan,
  changePlans,
  noiseLines,
  simulatedEnvironment,
  simulatedGroups,
} from '../schedule/lines.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { type Timeline, timelineOf } from '../schedule/timeline.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedCloudWatch } from '../services/cloud-watch.ts';
import { SimulatedDynamo, type Write } from '../services/dynamo.ts';
import { SimulatedInsights } from '../services/insights.ts';
import { SimulatedLogGroup } from '../services/log-groups.ts';
import type { SentMessage } from '../services/sns.ts';
import { VirtualTime } from '../virtual-time.ts';
import { Chronicle, clockTime } from './chronicle.ts';
import type { Effect } from './effect.ts';
import type { Invocation } from './invocation.ts';

const simulatedChatArn = 'arn:aws:sns:eu-west-1:123456789012:chat';
const simulatedBusArn = 'arn:aws:events:eu-west-1:123456789012:event-bus/findings';

/** Events that come into a busy log group in an hour, besides those of the schedule. */
const busyPerHour = 10;

/** A change of a schedule, and those of its lines that were really written. */
export interface WrittenChange extends ChangePlan {
  readonly written: StoredLine[];
}

/** All that is there in one simulated world. */
export class World {
  readonly schedule: Schedule;
  readonly timeline: Timeline;
  readonly time: VirtualTime;
  readonly config: RuntimeConfig;
  readonly plan: ScanPlan;
  readonly random: SeededRandom;
  readonly strikes = new Strikes();
  readonly chronicle: Chronicle;
  readonly callFaults: CallFaults;
  readonly downtimes: Downtimes;
  readonly groupFaults: GroupFaults;
  readonly packFaults: PackFaults;
  readonly scarceMemory: ScarceMemory;
  readonly stalls: Stalls;
  readonly groups: ReadonlyMap<string, SimulatedLogGroup>;
  readonly insights: SimulatedInsights;
  readonly cloudWatch: SimulatedCloudWatch;
  readonly dynamo: SimulatedDynamo;
  readonly changes: readonly WrittenChange[];
  /** Every line that was written. */
  readonly lines: StoredLine[] = [];
  readonly #linesByText = new Map<string, StoredLine>();
  readonly #hostilePlaces = new Set<string>();
  /** Runs of the handler that have come to their end, in this order. */
  readonly ended: Invocation[] = [];
  /** The messages that really went out, in their order. */
  readonly messages: SentMessage[] = [];
  /** What the topic of the chat took, in its order. */
  readonly chatMessages: ChatNotification[] = [];
  /** What the event bus took, in its order. */
  readonly busEvents: FindingEvent[] = [];
  /** What the ledger was written by the call that takes place now. */
  writes: Write[] = [];
  /** Called with every call that took place. */
  readonly observers: ((effect: Effect) => void)[] = [];

  constructor(schedule: Schedule, { isTold = false }: { readonly isTold?: boolean } = {}) {
    const { settings, seed } = schedule;
    const {
      ticks: _,
      packRowsMax,
      clockSkewMaxMs: __,
      pageBytes,
      rowForms,
      endTime,
      sameSecond,
      doubtfulPermille: ___,
      ...config
    } = settings;
    this.schedule = schedule;
    this.timeline = timelineOf(schedule);
    this.time = new VirtualTime(this.timeline.startEpochMs);
    this.random = new SeededRandom(seed, 'world');
    this.chronicle = new Chronicle(isTold);
    this.callFaults = new CallFaults(schedule, this.timeline);
    this.downtimes = new Downtimes(schedule, this.timeline);
    this.scarceMemory = new ScarceMemory(schedule, this.timeline);
    this.stalls = new Stalls(schedule);
    this.groupFaults = new GroupFaults(schedule, this.timeline);
    this.packFaults = new PackFaults(schedule, this.timeline, (kind, id) =>
      this.strikes.countOnce(kind, id),
    );
    this.plan = simulatedPlan(packRowsMax, seed);
    this.config = {
      ...config,
      mwaaEnvironment: simulatedEnvironment,
      silentAfterHours: 1,
      initialLookbackHours: 0,
      alertAt: 'medium',
      findingsTopicArn: 'arn:aws:sns:eu-west-1:123456789012:findings',
      ledgerTableName: 'ledger',
      ...(schedule.bus && { eventBusArn: simulatedBusArn }),
      ...(schedule.bus?.hasChat && { chatTopicArn: simulatedChatArn }),
    };
    this.groups = new Map(simulatedGroups.map((name) => [name, this.#group(name)]));
    this.insights = new SimulatedInsights(this.groups, {
      ...{ rowForms, endTime, sameSecond },
      fateOf: (queryString, nowEpochMs) => this.packFaults.fateOf(queryString, nowEpochMs),
    });
    this.cloudWatch = new SimulatedCloudWatch((logGroup, fromEpochMs, toEpochMs) =>
      this.#incomingEvents(logGroup, fromEpochMs, toEpochMs),
    );
    this.dynamo = new SimulatedDynamo({
      pageBytes,
      onWrite: (write) => this.writes.push(write),
    });
    this.changes = changePlans(schedule, this.timeline).map((plan) => ({ ...plan, written: [] }));
    this.#enterLines();
    this.groupFaults.enter(
      (epochMs, run) => this.time.at(epochMs, run),
      [...this.groups.values()],
      ({ name }, what) => this.chronicle.tell(this.time.nowEpochMs, () => `${name}: ${what}`),
    );
  }

  #group(name: string): SimulatedLogGroup {
    return new SimulatedLogGroup(name, {
      exists: true,
      createdEpochMs: this.timeline.startEpochMs - 30 * dayMs,
      retentionDays: this.schedule.retentionDays,
      denial: undefined,
      enabled: true,
      logLevel: 'INFO',
      busy: true,
    });
  }

  /** The line of a place, time and text, if there ever was one. */
  lineThatSays(line: Pick<LogLine, 'logGroup' | 'logStream' | 'epochMs' | 'message'>) {
    return this.#linesByText.get(textOf(line));
  }

  /** Whether an attacker wrote a line in this place at this time. */
  isHostilePlace(line: Pick<LogLine, 'logGroup' | 'logStream' | 'epochMs'>): boolean {
    return this.#hostilePlaces.has(textOf({ ...line, message: '' }));
  }

  /** A line is written when it is taken in; that it is found later is the query's matter. */
  #enterLines(): void {
    for (const change of this.changes) {
      for (const line of change.lines)
        this.#enterLine(line, (stored) => change.written.push(stored));
    }
    const others = [
      ...noiseLines(this.schedule, this.timeline),
      ...hostileLines(this.schedule, this.timeline, this.changes),
    ];
    for (const line of others) this.#enterLine(line, () => {});
  }

  #enterLine(line: LogLine, written: (stored: StoredLine) => void): void {
    this.time.at(line.ingestedEpochMs, () => {
      const stored = this.groups.get(line.logGroup)?.write(line);
      this.chronicle.tell(this.time.nowEpochMs, () => {
        const found = stored
          ? `can be found from ${clockTime(line.visibleEpochMs)}`
          : 'is not kept';
        return `${line.logGroup}: a line of ${clockTime(line.epochMs)} ${found}: ${line.message}`;
      });
      if (stored === undefined) return;
      this.lines.push(stored);
      const before = this.#linesByText.get(textOf(stored));
      const isEarlier = before === undefined || stored.visibleEpochMs < before.visibleEpochMs;
      if (isEarlier) this.#linesByText.set(textOf(stored), stored);
      // What is kept of it is redacted and cut: by its place and time it is known again.
      if (stored.hostile !== undefined) this.#hostilePlaces.add(textOf({ ...stored, message: '' }));
      written(stored);
    });
  }

  #incomingEvents(logGroup: string, fromEpochMs: number, toEpochMs: number): number {
    const group = this.groups.get(logGroup);
    if (group === undefined) return 0;
    const others = Math.floor((group.busyMs(fromEpochMs, toEpochMs) / 3_600_000) * busyPerHour);
    return others + group.incoming(fromEpochMs, toEpochMs);
  }
}

function textOf({
  logGroup,
  logStream,
  epochMs,
  message,
}: Pick<LogLine, 'logGroup' | 'logStream' | 'epochMs' | 'message'>): string {
  return `${logGroup} ${logStream} ${epochMs} ${message}`;
}
