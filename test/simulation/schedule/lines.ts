import { minuteMs } from '../../../lambda/common/time.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { LogLine } from '../log-line.ts';
import { SeededRandom } from '../seeded-random.ts';
import {
  gunicornLine,
  type LogFormat,
  securityManagerFormats,
  sqlFormats,
  taskFormats,
} from './log-formats.ts';
import type { ChangeStory, NoiseBurst, Schedule } from './schedule.ts';
import type { Timeline } from './timeline.ts';

export const simulatedEnvironment = 'prod';

export const simulatedGroups = logTypes.map((logType) =>
  logGroupName(simulatedEnvironment, logType),
);

/** A change and the lines to write about it, so that what must be found is known beforehand. */
export interface ChangePlan {
  readonly user: string;
  readonly story: ChangeStory;
  readonly lines: readonly LogLine[];
  /** The one who makes the change writes hostile lines into the same stream. */
  readonly isCovered: boolean;
}

/** A user whom no other change of the schedule concerns. */
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
    const isCovered = !isWeb(story) && coveredStreams(schedule).has(streamOf(story));
    return { user, story, lines: linesOf(story, user, schedule, timeline, random), isCovered };
  });
}

/** The streams into which the makers of changes write. */
function coveredStreams({ hostileActs, stories }: Schedule): ReadonlySet<string> {
  return new Set(
    hostileActs.flatMap(({ near, cover }) => {
      const story = near === undefined ? undefined : stories[near % stories.length];
      return cover && story !== undefined ? [streamOf(story)] : [];
    }),
  );
}

function streamOf(story: ChangeStory): string {
  return isWeb(story) ? webStream : `${story.group} ${story.stream}`;
}

/** Where every web request of an environment is logged, whoever makes it. */
export const webStream = 'webserver_ip-10-0-0-1.ec2.internal_1772409600.log';

function isWeb({ kind }: Pick<ChangeStory, 'kind'>): boolean {
  return kind === 'web-form' || kind === 'web-rest';
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
  const logStream = isWeb(story)
    ? webStream
    : `dag_id=dag${stream}/run_id=manual/task_id=grant/attempt=1.log`;
  const firstMs = storyMs(story, settings, timeline);
  // A thousandth of a second is a millisecond.
  const gapMs = settings.correlateSeconds * story.gap;
  const format: LogFormat = random.pick(taskFormats);
  const line = (
    epochMs: number,
    text: string,
    lagShare: number,
    inFormat: LogFormat = format,
  ): LogLine => {
    const reachMs = settings.farSweep.lagMinutes * minuteMs;
    const lateMs = Math.floor((reachMs * lagShare) / 1000);
    // The usual delay: seconds until ingestion, and more until a query finds it.
    const ingestedEpochMs = epochMs + Math.max(lateMs - 20_000, random.int(200, 5_000));
    const visibleEpochMs = Math.max(ingestedEpochMs + random.int(100, 15_000), epochMs + lateMs);
    const message = inFormat(text, epochMs);
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
    case 'sql': {
      const sql = random.pick(sqlFormats);
      const roleId = `(SELECT id FROM ab_role WHERE name='${role}')`;
      const userId = `(SELECT id FROM ab_user WHERE username='${user}')`;
      const statement = `UPDATE ab_user_role SET role_id = ${roleId} WHERE user_id = ${userId}`;
      return [
        line(firstMs, `Running statement: ${statement}, parameters: None`, story.lag, sql),
        line(firstMs + random.int(1, 50), 'Rows affected: 1', story.lag, sql),
      ];
    }
    case 'security-manager':
      return times(
        line(firstMs, `Added user ${user}`, story.lag, random.pick(securityManagerFormats)),
      );
    case 'web-form': {
      const path = `/users/edit/${random.int(1, 9)}`;
      const request = { method: 'POST', path, status: '302', user };
      return times(line(firstMs, gunicornLine(request, firstMs), story.lag, (text) => text));
    }
    case 'web-rest': {
      const path = `/auth/fab/v1/users/${user}?update_mask=roles`;
      const request = { method: 'PATCH', path, status: '200', user: 'admin' };
      return times(line(firstMs, gunicornLine(request, firstMs), story.lag, (text) => text));
    }
  }
}

/**
 * Where slices end is known: a period behind each other, `settleMinutes` behind the ticks; those of a
 * sweep likewise by its own numbers.
 */
function storyMs(
  { at, edge }: ChangeStory,
  { everyMinutes, settleMinutes, farSweep }: Schedule['settings'],
  timeline: Timeline,
): number {
  const epochMs = timeline.at(at);
  if (edge === undefined) return epochMs;
  const [everyMs, behindMs] =
    edge.of === 'scan'
      ? [everyMinutes * minuteMs, settleMinutes * minuteMs]
      : [farSweep.everyMinutes * minuteMs, farSweep.lagMinutes * minuteMs];
  const endMs = Math.floor((epochMs + behindMs) / everyMs) * everyMs - behindMs;
  // Before the first slice nothing is read.
  return (endMs < timeline.startEpochMs ? endMs + everyMs : endMs) + edge.ms;
}

/** Lines that the documented query counts and that name nobody. */
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
