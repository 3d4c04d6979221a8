import type { RuntimeConfig } from '../../lambda/runtime-config.ts';
import { echoOf, logGroups, minuteMs, outcomeOf, packRowsMax } from './config.ts';
import type { SimulatedEvent } from './logs.ts';
import type { World } from './world.ts';

/** A privilege change as it was made, and the lines that it left: what must be found is known by it. */
export interface MadeChange {
  readonly user: string;
  readonly events: readonly SimulatedEvent[];
}

interface Span {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/** Changes of users who exist once, at random times, and what else stands in the log. */
export function drawChanges(world: World, config: RuntimeConfig, span: Span): MadeChange[] {
  const { random } = world;
  const changes = Array.from({ length: random.whole(3, 8) }, (_, index) =>
    drawChange(world, config, span, `user${index}`),
  );
  if (random.chance(0.5)) changes.push(...sameMillisecond(world, config, span));
  if (random.chance(0.2)) changes.push(...flood(world, span));
  return changes;
}

/** A line that is counted by the documented query, and changes nothing. */
export function drawNoise(world: World, config: RuntimeConfig, span: Span): SimulatedEvent[] {
  const { random } = world;
  return Array.from({ length: random.whole(0, 6) }, (_, index) => {
    const timestamp = random.whole(span.startEpochMs, span.endEpochMs);
    return {
      logGroup: random.pick(logGroups),
      logStream: 'noise.log',
      timestamp,
      message: `aws iam add-role-to-instance-profile ${index}`,
      visibleEpochMs: timestamp + drawLag(world, config),
    };
  });
}

function drawChange(world: World, config: RuntimeConfig, span: Span, user: string): MadeChange {
  const { random } = world;
  const role = random.pick(['Viewer', 'Admin']);
  const logGroup = random.pick(logGroups);
  const logStream = `dag_id=d/run_id=r/task_id=${random.pick(['a', 'b', user])}/attempt=1.log`;
  const at = drawTime(world, config, span);
  const kind = random.pick(['both', 'both', 'both', 'echo', 'outcome'] as const);
  const gapMs = random.whole(0, config.correlateSeconds * 900);
  const line = (timestamp: number, message: string): SimulatedEvent => ({
    ...{ logGroup, logStream, timestamp, message, user },
    visibleEpochMs: timestamp + drawLag(world, config),
  });
  const events = [
    ...(kind === 'outcome' ? [] : [line(at, echoOf(user, role))]),
    ...(kind === 'echo' ? [] : [line(at + gapMs, outcomeOf(user, role))]),
  ];
  const periodMs = config.everyMinutes * minuteMs;
  if (kind === 'both' && Math.floor(at / periodMs) !== Math.floor((at + gapMs) / periodMs)) {
    world.strikes.count('echo and outcome in different slices');
  }
  const [first] = events;
  if (first !== undefined && random.chance(0.1)) {
    world.strikes.count('identical events');
    events.push(first);
  }
  return { user, events };
}

/** At random, on the edge of a slice, or the last millisecond before it. */
function drawTime({ random, strikes }: World, config: RuntimeConfig, span: Span): number {
  const at = random.whole(span.startEpochMs, span.endEpochMs);
  if (random.chance(0.7)) return at;
  strikes.count('event on a window edge');
  const periodMs = config.everyMinutes * minuteMs;
  const edge = Math.floor(at / periodMs) * periodMs - config.settleMinutes * minuteMs;
  return Math.max(span.startEpochMs, edge - random.pick([0, 1, 999, 1000]));
}

/** Most lines are there at once; some come late, a few so late that nothing promises to find them. */
function drawLag({ random, strikes }: World, config: RuntimeConfig): number {
  const settleMs = config.settleMinutes * minuteMs;
  const reachMs = config.farSweep.lagMinutes * minuteMs;
  const draw = random.next();
  if (draw < 0.7) return random.whole(0, settleMs);
  if (draw < 0.97) {
    const lagMs = random.whole(settleMs, reachMs - 1_000);
    strikes.count('event later than settled');
    if (lagMs > config.nearSweep.lagMinutes * minuteMs) strikes.count('event hours late');
    return lagMs;
  }
  strikes.count('event hours late');
  return reachMs * 3;
}

function sameMillisecond(world: World, config: RuntimeConfig, span: Span): MadeChange[] {
  world.strikes.count('events in one millisecond');
  const timestamp = world.random.whole(span.startEpochMs, span.endEpochMs);
  return ['twinA', 'twinB'].map((user) => ({
    user,
    events: [
      {
        ...{ logGroup: logGroups[2] ?? '', logStream: 'twins.log', timestamp, user },
        message: outcomeOf(user, 'Viewer'),
        visibleEpochMs: timestamp + drawLag(world, config),
      },
    ],
  }));
}

/** More in one second of one group than an answer can hold. */
function flood({ random, strikes }: World, span: Span): MadeChange[] {
  strikes.count('flood');
  const second = Math.floor(random.whole(span.startEpochMs, span.endEpochMs) / 1000) * 1000;
  const logGroup = random.pick(logGroups);
  return Array.from({ length: packRowsMax + 4 }, (_, index) => {
    const user = `flood${index}`;
    const timestamp = second + index;
    const message = outcomeOf(user, 'Viewer');
    const place = { logGroup, logStream: `flood${index % 3}.log`, timestamp };
    return { user, events: [{ ...place, message, user, visibleEpochMs: timestamp }] };
  });
}
