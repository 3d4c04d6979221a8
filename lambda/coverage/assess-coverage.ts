import type {
  BlindCause,
  EnvironmentLogging,
  ExistingLogGroups,
  GroupCoverage,
  IncomingEvents,
  LogTypeSetting,
} from '../model/coverage.ts';
import {
  type DutiesOfLogTypes,
  defaultDuties,
  logGroupName,
  logTypes,
} from '../model/log-types.ts';

/** Airflow writes "added to role" and its kind at INFO: a higher level drops them. */
const levelsThatShowInfo: ReadonlySet<string> = new Set(['DEBUG', 'INFO']);
const levelsAboveInfo: ReadonlySet<string> = new Set(['WARNING', 'ERROR', 'CRITICAL']);

/** All that is known about an environment's logs before they are read. */
interface CoverageAnswers {
  readonly logging: EnvironmentLogging;
  readonly existing: ExistingLogGroups;
  readonly incoming: IncomingEvents;
}

/**
 * Judges each log group of an environment by what MWAA, CloudWatch Logs and its metrics say about
 * it.
 *
 * A group is covered only when all of them say so: an unknown answer never counts as a yes.
 *
 * @param sweepHours how far back the far sweep reads
 * @param duties what is expected of each log type
 */
export function assessCoverage(
  mwaaEnvironment: string,
  answers: CoverageAnswers,
  sweepHours: number,
  duties: DutiesOfLogTypes = defaultDuties,
): GroupCoverage[] {
  return logTypes.map((logType) => {
    const group = { logType, logGroup: logGroupName(mwaaEnvironment, logType) };
    const duty = duties[logType];
    const blind =
      blindness(group, mwaaEnvironment, answers, sweepHours) ??
      (duty === 'never-silent' ? silence(answers, group.logGroup) : undefined);
    if (blind === undefined) return { ...group, scan: true };
    const mayBe = duty === 'optional' && choices.has(blind.blind.cause);
    return mayBe ? { ...group, off: blind.blind, scan: blind.scan } : { ...group, ...blind };
  });
}

/** What the owner of an environment may have chosen for a log type. */
const choices: ReadonlySet<BlindCause> = new Set(['disabled', 'missing', 'level-above-info']);

type Blindness = Required<Pick<GroupCoverage, 'blind' | 'scan'>>;

function blindness(
  { logType, logGroup }: Pick<GroupCoverage, 'logType' | 'logGroup'>,
  mwaaEnvironment: string,
  { logging, existing }: CoverageAnswers,
  sweepHours: number,
): Blindness | undefined {
  const absent = existing.kind === 'known' && !existing.logGroups.has(logGroup);
  if (logging.kind === 'not-found') {
    const detail = `MWAA has no environment ${mwaaEnvironment}`;
    return { blind: { cause: 'environment-not-found', detail }, scan: !absent };
  }
  const setting = logging.kind === 'found' ? logging.settings[logType] : undefined;
  if (setting?.enabled === false) {
    const detail = `MWAA does not publish ${logType} logs`;
    // What was logged before is still worth reading: a thief would switch the logs off after the
    // theft.
    return { blind: { cause: 'disabled', detail }, scan: existing.kind === 'known' && !absent };
  }
  if (absent) return { blind: { cause: 'missing', detail: 'no such log group' }, scan: false };
  if (setting?.logLevel !== undefined && levelsAboveInfo.has(setting.logLevel)) {
    const detail = `log level is ${setting.logLevel}`;
    return { blind: { cause: 'level-above-info', detail }, scan: true };
  }
  const unknown = unknownDetail(logging, setting, existing);
  if (unknown !== undefined) return { blind: { cause: 'unknown', detail: unknown }, scan: true };
  return retentionBlindness(existing, logGroup, sweepHours);
}

function retentionBlindness(
  existing: ExistingLogGroups,
  logGroup: string,
  sweepHours: number,
): Blindness | undefined {
  const { retentionDays } =
    (existing.kind === 'known' ? existing.logGroups.get(logGroup) : undefined) ?? {};
  if (retentionDays === undefined || retentionDays * 24 >= sweepHours) return undefined;
  const retention = retentionDays === 1 ? '1 day' : `${retentionDays} days`;
  const detail = `events are kept for ${retention}, and the far sweep reads ${sweepHours} hours back`;
  return { blind: { cause: 'retention-too-short', detail }, scan: true };
}

/** A group that was created during the silence does not count as silent: it was not there. */
function silence({ existing, incoming }: CoverageAnswers, logGroup: string): Blindness | undefined {
  if (incoming.kind === 'unknown') {
    return { blind: { cause: 'unknown', detail: incoming.reason }, scan: true };
  }
  const facts = existing.kind === 'known' ? existing.logGroups.get(logGroup) : undefined;
  const isYoung = (facts?.createdEpochMs ?? 0) > incoming.sinceEpochMs;
  if (isYoung || !incoming.silent.has(logGroup)) return undefined;
  const detail = `no event has come in since ${new Date(incoming.sinceEpochMs).toISOString()} or earlier`;
  return { blind: { cause: 'silent', detail }, scan: true };
}

function unknownDetail(
  logging: EnvironmentLogging,
  setting: LogTypeSetting | undefined,
  existing: ExistingLogGroups,
): string | undefined {
  const details = [
    logging.kind === 'unknown' ? logging.reason : undefined,
    logging.kind === 'found' ? unknownSetting(setting) : undefined,
    existing.kind === 'unknown' ? existing.reason : undefined,
  ].filter((detail) => detail !== undefined);
  return details.length === 0 ? undefined : details.join('; ');
}

function unknownSetting(setting: LogTypeSetting | undefined): string | undefined {
  if (setting?.enabled === undefined) {
    return 'MWAA does not say whether the logs are published';
  }
  return setting.logLevel !== undefined && levelsThatShowInfo.has(setting.logLevel)
    ? undefined
    : `MWAA names no known log level (got ${setting.logLevel ?? 'none'})`;
}
