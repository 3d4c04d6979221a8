import { logGroupName, logTypes } from '../../../lambda/log-types.ts';
import type { LogLine } from '../log-line.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { ChangeStory, NoiseBurst, Schedule } from './schedule.ts';
import type { Timeline } from './timeline.ts';

export const simulatedEnvironment = 'prod';

export const simulatedGroups = logTypes.map((logType) =>
  logGroupName(simulatedEnvironment, logType),
);

/** A change and the lines that are to be written of it: what must be found is known beforehand. */
export interface ChangePlan {
  readonly user: string;
  readonly story: ChangeStory;
  readonly lines: readonly LogLine[];
}

const minuteMs = 60_000;

/** A user that no other change of the schedule is about. */
function userOf(index: number): string {
  return `user${String(index).padStart(3, '0')}`;
}

/** @returns undefined where a text names no user of a schedule */
export function userIn(text: string): string | undefined {
  return /user\d{3}/.exec(text)?.[0];
}

/** The lines of all changes of a schedule. */
export function changePlans(schedule: Schedule, timeline: Timeline): ChangePlan[] {
  return schedule.stories.map((story, index) => {
    const random = new SeededRandom(schedule.seed, 'story', index);
    const user = userOf(index);
    return { user, story, lines: linesOf(story, user, schedule, timeline, random) };
  });
}

function linesOf(
  story: ChangeStory,
  user: string,
  { settings }: Schedule,
  timeline: Timeline,
  random: SeededRandom,
): LogLine[] {
  const { kind, role, group, stream, copies } = story;
  const logGroup = simulatedGroups[group] ?? '';
  const logStream = `dag_id=dag${stream}/run_id=manual/task_id=grant/attempt=1.log`;
  const firstMs = storyMs(story, settings, timeline);
  // Thousandths of so many seconds are milliseconds.
  const gapMs = settings.correlateSeconds * story.gap;
  const line = (epochMs: number, message: string, lagShare: number): LogLine => {
    const reachMs = settings.farSweep.lagMinutes * minuteMs;
    const lateMs = Math.floor((reachMs * lagShare) / 1000);
    // What is usual: some seconds until it is taken in, some more until it is found.
    const ingestedEpochMs = epochMs + Math.max(lateMs - 20_000, random.int(200, 5_000));
    const visibleEpochMs = Math.max(ingestedEpochMs + random.int(100, 15_000), epochMs + lateMs);
    return { logGroup, logStream, epochMs, message, ingestedEpochMs, visibleEpochMs };
  };
  const echo = line(
    firstMs,
    `Running command: ['bash', '-c', 'airflow users add-role -u ${user} -r ${role}']`,
    story.lag,
  );
  const outcome = `User "${user}" added to role "${role}"`;
  const failure = `User "${user}" is already a member of role "${role}"`;
  const times = <T>(item: T) => Array.from({ length: copies }, () => item);
  switch (kind) {
    case 'echo-only':
      return times(echo);
    case 'outcome-only':
      return times(line(firstMs, outcome, story.lag));
    case 'echo-and-outcome':
      return [echo, ...times(line(firstMs + gapMs, outcome, story.lastLag))];
    case 'failed':
      return [echo, ...times(line(firstMs + gapMs, failure, story.lastLag))];
  }
}

/** Where slices begin and end is known: a period behind each other, `settleMinutes` behind the ticks. */
function storyMs(
  { at, edgeMs }: ChangeStory,
  { everyMinutes, settleMinutes }: Schedule['settings'],
  timeline: Timeline,
): number {
  const epochMs = timeline.at(at);
  if (edgeMs === undefined) return epochMs;
  const periodMs = everyMinutes * minuteMs;
  const settleMs = settleMinutes * minuteMs;
  return Math.floor((epochMs + settleMs) / periodMs) * periodMs - settleMs + edgeMs;
}

/** Lines that the documented query counts, and that say nothing of anybody. */
export function noiseLines(schedule: Schedule, timeline: Timeline): LogLine[] {
  return schedule.noise.flatMap((burst, index) => {
    const random = new SeededRandom(schedule.seed, 'noise', index);
    return Array.from({ length: burst.lines }, (_, at) => noiseLine(burst, at, timeline, random));
  });
}

function noiseLine(
  { group, at, seconds }: NoiseBurst,
  index: number,
  timeline: Timeline,
  random: SeededRandom,
): LogLine {
  const epochMs = Math.floor(timeline.at(at) / 1000) * 1000 + random.int(0, seconds * 1000 - 1);
  const ingestedEpochMs = epochMs + random.int(200, 5_000);
  return {
    logGroup: simulatedGroups[group] ?? '',
    logStream: 'scheduler.log',
    epochMs,
    message: `Loaded task add-role-${index}`,
    ingestedEpochMs,
    visibleEpochMs: ingestedEpochMs + random.int(100, 15_000),
  };
}
