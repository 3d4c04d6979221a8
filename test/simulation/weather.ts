import type { RuntimeConfig } from '../../lambda/runtime-config.ts';
import { logGroups, minuteMs } from './config.ts';
import type { CallFaults } from './invocation.ts';
import type { Services } from './services.ts';

interface Span {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/**
 * Lets things go wrong for a while: groups that go and come, services that are away, calls that are
 * lost. Each schedule has a few kinds of it, alone or mixed.
 *
 * @param onLost told of lines that are gone before anybody could read them
 */
export function brew(
  services: Services,
  config: RuntimeConfig,
  span: Span,
  faults: CallFaults,
  onLost: (logGroup: string) => void,
): void {
  const { world, logs, down, disabled } = services;
  const { random } = world;
  const lastsMs = (most: number) => random.whole(1, most) * config.everyMinutes * minuteMs;
  const during = (start: () => void, end: () => void, mostPeriods = 5) => {
    const at = random.whole(span.startEpochMs, span.endEpochMs);
    world.at(at, start);
    world.at(Math.min(span.endEpochMs, at + lastsMs(mostPeriods)), end);
  };
  const remove = (logGroup: string) => {
    onLost(logGroup);
    logs.groups.delete(logGroup);
    world.strike('group deleted', logGroup);
  };
  const create = (logGroup: string) => {
    if (logs.groups.has(logGroup)) return;
    logs.groups.set(logGroup, { createdEpochMs: world.nowEpochMs, events: [] });
    world.strike('group created anew', logGroup);
  };
  const kinds: (() => void)[] = [
    () => {
      const logGroup = random.pick(logGroups);
      during(
        () => remove(logGroup),
        () => create(logGroup),
      );
    },
    () => {
      const logGroup = random.pick(logGroups);
      during(
        () => {
          onLost(logGroup);
          logs.groups.get(logGroup)?.events.splice(0);
          world.strike('group emptied', logGroup);
        },
        () => {},
      );
    },
    () => {
      const logGroup = random.pick(logGroups);
      during(
        () => disabled.add(logGroup),
        () => disabled.delete(logGroup),
      );
    },
    () => {
      const logGroup = random.pick(logGroups);
      // For days, in the measure of the period.
      during(
        () => logs.denied.add(logGroup),
        () => logs.denied.delete(logGroup),
        12,
      );
    },
    ...(['sns', 'dynamo', 'cloudWatch', 'mwaa'] as const).map((service) => () => {
      during(
        () => {
          down[service] = true;
          world.tell(`  ${service} is away`);
        },
        () => {
          down[service] = false;
          world.tell(`  ${service} is back`);
        },
        3,
      );
    }),
    () => {
      logs.queryFaultRate = random.pick([0.05, 0.2]);
    },
    () => {
      faults.lostOut = random.pick([0.01, 0.05]);
      faults.lostBack = random.pick([0.01, 0.05]);
    },
    () => {
      faults.throttled = random.pick([0.02, 0.1]);
      services.unprocessedRate = 0.2;
    },
    () => {
      faults.killed = random.pick([0.2, 0.6]);
    },
  ];
  for (const start of random.some(kinds, random.whole(1, 4))) start();
  world.at(span.endEpochMs, () => {
    logs.queryFaultRate = 0;
    services.unprocessedRate = 0;
    Object.assign(faults, { lostOut: 0, lostBack: 0, throttled: 0, killed: 0 });
    world.tell('the storm is over');
  });
}
