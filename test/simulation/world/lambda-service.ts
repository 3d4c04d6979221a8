import { minuteMs } from '../../../lambda/common/time.ts';
import { callMaker } from './calls.ts';
import { Container } from './container.ts';
import { Invocation, type InvocationEnd } from './invocation.ts';
import { performer } from './perform.ts';
import type { World } from './world.ts';

const timeoutMaxMs = 5 * minuteMs;
/** How long Lambda waits before it retries an asynchronous event. */
const retryAfterMs = minuteMs;
const reuseChance = 0.7;

/** An event that came from EventBridge. */
export interface Delivery {
  /** What the event says. */
  readonly tickEpochMs: number;
  /** Its place among the delivered ticks. */
  readonly tick: number;
  /** When Lambda received it. */
  readonly receivedEpochMs: number;
  /** It must have no effect. @default false */
  readonly isFromTheFuture?: boolean;
}

/**
 * Lambda as the stack sets it up: it runs each event, retries once, and drops events older than
 * two periods; an invocation that exceeds its time limit is killed with its container.
 */
export class LambdaService {
  readonly #world: World;
  readonly #makeCall: ReturnType<typeof callMaker>;
  readonly #idle: Container[] = [];
  readonly #kills = new WeakMap<Invocation, () => void>();
  #newIds = 0;
  readonly running = new Set<Invocation>();
  readonly ended: Invocation[];

  constructor(world: World) {
    this.#world = world;
    this.ended = world.ended;
    this.#makeCall = callMaker({
      time: world.time,
      callFaults: world.callFaults,
      downtimes: world.downtimes,
      scarceMemory: world.scarceMemory,
      stalls: world.stalls,
      strikes: world.strikes,
      chronicle: world.chronicle,
      perform: performer(world),
      kill: (invocation) => this.#kill(invocation),
    });
  }

  invoke(delivery: Delivery, attempt = 1): Invocation {
    const world = this.#world;
    const container = this.#container();
    const { time, config, schedule } = world;
    const invocation = new Invocation({
      id: this.running.size + this.ended.length + 1,
      tickEpochMs: delivery.tickEpochMs,
      tick: delivery.tick,
      startedEpochMs: time.nowEpochMs,
      timeoutMs: Math.min(config.everyMinutes * minuteMs, timeoutMaxMs),
      isFromTheFuture: delivery.isFromTheFuture ?? false,
      seed: schedule.seed,
      memory: container.memory,
    });
    this.running.add(invocation);
    this.#tell(
      invocation,
      () =>
        `begins for the tick ${new Date(delivery.tickEpochMs).toISOString()}, attempt ${attempt}`,
    );
    const ended = (end: InvocationEnd) => {
      if (invocation.end !== undefined) return;
      invocation.end = end;
      this.running.delete(invocation);
      this.ended.push(invocation);
      this.#tell(invocation, () => howItEnded(end));
      if (end.kind !== 'killed') {
        container.freeze();
        this.#idle.push(container);
      }
      if (end.kind !== 'returned' && attempt === 1) this.#retry(delivery);
    };
    this.#kills.set(invocation, () => ended({ kind: 'killed' }));
    container.begin(invocation);
    const endsEpochMs = time.nowEpochMs + invocation.timeoutMs;
    container
      .handler(scheduledEvent(delivery.tickEpochMs), {
        getRemainingTimeInMillis: () => endsEpochMs - time.nowEpochMs,
      })
      .then(
        (report) => ended({ kind: 'returned', report }),
        (error) => ended({ kind: 'threw', error }),
      );
    time.at(endsEpochMs, () => {
      if (invocation.end !== undefined) return;
      world.strikes.count('invocation-timed-out');
      this.#tell(invocation, () => 'has used up its time');
      this.#kill(invocation);
    });
    return invocation;
  }

  #kill(invocation: Invocation): void {
    this.#kills.get(invocation)?.();
  }

  #retry(delivery: Delivery): void {
    const { time, config } = this.#world;
    const maxAgeMs = 2 * config.everyMinutes * minuteMs;
    time.after(retryAfterMs, () => {
      if (time.nowEpochMs - delivery.receivedEpochMs <= maxAgeMs) this.invoke(delivery, 2);
    });
  }

  #container(): Container {
    const { random, time, config, plan, schedule } = this.#world;
    const { clockSkewMaxMs } = schedule.settings;
    const idle = random.chance(reuseChance) ? this.#idle.pop() : undefined;
    return (
      idle ??
      new Container({
        ...{ time, config, plan, makeCall: this.#makeCall },
        clockSkewMs: random.int(-clockSkewMaxMs, clockSkewMaxMs),
        newId: () => this.#newId(),
      })
    );
  }

  #newId(): string {
    this.#newIds += 1;
    return `id-${this.#newIds}`;
  }

  #tell({ id }: Invocation, what: () => string): void {
    this.#world.chronicle.tell(this.#world.time.nowEpochMs, () => `#${id}  ${what()}`);
  }
}

function howItEnded(end: InvocationEnd): string {
  switch (end.kind) {
    case 'killed':
      return 'is killed';
    case 'threw':
      return `fails: ${String(end.error)}`;
    case 'returned':
      return 'skipped' in end.report
        ? `does nothing: ${end.report.skipped}`
        : `ends: ${end.report.notified} notified, ${end.report.undelivered} undelivered, lag ${end.report.scanLagSeconds} s`;
  }
}

function scheduledEvent(tickEpochMs: number) {
  return {
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time: new Date(tickEpochMs).toISOString().replace('.000Z', 'Z'),
    region: 'eu-west-1',
    resources: ['arn:aws:events:eu-west-1:123456789012:rule/monitor'],
    detail: {},
  };
}
