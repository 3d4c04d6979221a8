import type { RuntimeConfig } from '../../lambda/runtime-config.ts';
import { minuteMs } from './config.ts';
import { type CallFaults, Invocation } from './invocation.ts';
import type { Services } from './services.ts';

export interface Tally {
  ticks: number;
  invocations: number;
}

/** EventBridge and Lambda: when ticks come, how often, and what becomes of a run that fails. */
export class Ticking {
  readonly #services: Services;
  readonly #config: RuntimeConfig;
  readonly #faults: CallFaults;
  readonly tally: Tally = { ticks: 0, invocations: 0 };

  constructor(services: Services, config: RuntimeConfig, faults: CallFaults) {
    this.#services = services;
    this.#config = config;
    this.#faults = faults;
  }

  /** Ticks in a storm come twice, at once, late, not at all, and once in a while from the future. */
  stormy(tickEpochMs: number): void {
    const { world } = this.#services;
    const { random } = world;
    const draw = random.next();
    this.tally.ticks += 1;
    if (draw < 0.06) {
      world.strike('missing tick', shown(tickEpochMs));
    } else if (draw < 0.14) {
      world.strikes.count('duplicate tick');
      this.#deliver(tickEpochMs, random.whole(0, 20_000));
      this.#deliver(tickEpochMs, random.whole(10_000, 100_000));
    } else if (draw < 0.22) {
      world.strikes.count('concurrent ticks');
      this.#deliver(tickEpochMs, 1_000);
      this.#deliver(tickEpochMs, 1_000 + random.whole(0, 300));
    } else if (draw < 0.28) {
      const delayMs = random.whole(minuteMs, 2 * this.#periodMs);
      world.strike('delayed tick', shown(tickEpochMs));
      this.#deliver(tickEpochMs, delayMs);
    } else {
      this.#deliver(tickEpochMs, random.whole(0, 15_000));
    }
    if (random.chance(0.03)) {
      world.strike('tick from the future');
      this.#invoke(tickEpochMs + random.whole(6, 5_000) * minuteMs + this.#periodMs);
    }
  }

  /** The tick does not come: a part of an outage. */
  lost(): void {
    this.tally.ticks += 1;
    this.#services.world.strikes.count('hours of outage');
  }

  calm(tickEpochMs: number): void {
    this.tally.ticks += 1;
    this.#deliver(tickEpochMs, 2_000);
  }

  get #periodMs(): number {
    return this.#config.everyMinutes * minuteMs;
  }

  #deliver(tickEpochMs: number, delayMs: number): void {
    const { world } = this.#services;
    world.at(tickEpochMs + delayMs, () => this.#invoke(tickEpochMs));
  }

  /** Lambda tries once more, a minute later, unless the event is too old by then. */
  #invoke(tickEpochMs: number, attempt = 1): void {
    const { world } = this.#services;
    this.tally.invocations += 1;
    world.tell(`tick ${shown(tickEpochMs)}${attempt > 1 ? ', tried again' : ''}`);
    void new Invocation(this.#services, this.#config, this.#faults)
      .run(tickEpochMs)
      .then((outcome) => {
        if (outcome === 'done' || attempt > 1) return;
        const againEpochMs = world.nowEpochMs + minuteMs;
        if (againEpochMs - tickEpochMs > 2 * this.#periodMs) return;
        world.at(againEpochMs, () => this.#invoke(tickEpochMs, 2));
      });
  }
}

function shown(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(5, 16);
}
