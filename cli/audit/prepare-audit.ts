import { createHash } from 'node:crypto';
import { createAsk } from '../../doctor/observe/ask.ts';
import { findAwsAccess } from '../../doctor/observe/aws-access.ts';
import type { EnvironmentConfig } from '../../infra/config/environment-config.ts';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import { defaultCorrelateSeconds } from '../../lambda/model/correlation-state.ts';
import type { Severity } from '../../lambda/model/severity.ts';
import type { Slice } from '../../lambda/plan/runtime-config.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { checkAccount, findEnvironment } from '../common/named-environment.ts';
import { warn } from '../common/progress.ts';
import { type AuditOptions, auditRange } from './audit-range.ts';
import {
  type AuditAbout,
  type AuditState,
  auditLanes,
  checkSameAudit,
  doneSpans,
  newState,
} from './audit-state.ts';
import { type Volume, volumeOf } from './estimate.ts';
import {
  type AuditClients,
  createAuditClients,
  type FoundGroups,
  findGroups,
  incomingBytes,
} from './find-groups.ts';
import {
  checkSliceCount,
  type GroupSpans,
  groupSpans,
  slicesLeft,
  sliceWidthMs,
  withoutSpans,
} from './spans.ts';
import { readState } from './state-file.ts';

/** What an environment's monitor looks for, and the settings by which it judges findings. */
interface AuditPlan {
  readonly plan: ScanPlan;
  readonly correlateSeconds: number;
  readonly alertAt: Severity;
  /** A hash of everything that determines the result of reading a line. */
  readonly hash: string;
}

/** @param config from the environment's file; undefined: all detections, no approved changes */
export function auditPlan(config: EnvironmentConfig | undefined): AuditPlan {
  const plan = scanPlan(loadDetections(), {
    detections: config?.detections ?? { disable: [] },
    approvedChanges: config?.approvedChanges ?? [],
  });
  // Approvals apply after everything is read, so they may change between runs.
  const { approvedChanges: _, ...read } = plan;
  return {
    plan,
    correlateSeconds: config?.correlateSeconds ?? defaultCorrelateSeconds,
    alertAt: config?.alertAt ?? 'medium',
    hash: createHash('sha256')
      .update(JSON.stringify([packageJson.version, read]))
      .digest('hex')
      .slice(0, 16),
  };
}

/** Everything that is known before the first query. */
export interface Preparation {
  readonly mwaaEnvironment: string;
  readonly audit: AuditPlan;
  readonly clients: AuditClients;
  readonly found: FoundGroups;
  readonly groups: GroupSpans;
  readonly volume: Volume;
  readonly state: AuditState;
}

/**
 * Determines what there is to read, and what earlier runs have read.
 *
 * @throws UserError, InputError, ObserveError for bad input, and when AWS cannot be called
 */
export async function prepareAudit(options: AuditOptions): Promise<Preparation> {
  const { env, region, profile } = options;
  const { mwaaEnvironment, config, otherNames } = findEnvironment(env, region);
  const audit = auditPlan(config);
  const kept = options.state === undefined ? undefined : await readState(options.state);
  const nowEpochMs = Date.now();
  const range = auditRange(options, nowEpochMs, kept?.about.range);
  const access = await findAwsAccess({ region: region ?? config?.region, profile });
  const clients = createAuditClients(access);
  const ask = createAsk();
  const found = await findGroups(ask, clients, mwaaEnvironment, otherNames);
  checkAccount(config?.account, found.account, `MWAA environment ${mwaaEnvironment}`);
  const groups = groupSpans(mwaaEnvironment, found.groups, range, nowEpochMs);
  const names = groups.spans.map(({ logGroup }) => logGroup);
  const incoming =
    names.length === 0
      ? ({ kind: 'known', groups: new Map() } as const)
      : await incomingBytes(ask, clients, names, range, nowEpochMs);
  if (incoming.kind === 'unknown') {
    warn(
      `the number of received bytes is not known, so the estimate is based on what is stored now: ${incoming.reason}`,
    );
  }
  const volume = volumeOf(
    incoming.kind === 'known' ? incoming.groups : new Map(),
    storedBytes(found, groups, nowEpochMs),
  );
  const bytes = groups.spans.reduce(
    (sum, { logGroup, window }) => sum + volume(logGroup, window),
    0,
  );
  const about: AuditAbout = {
    ...{ environment: mwaaEnvironment, region: clients.region, account: found.account },
    ...{ planHash: audit.hash, range },
    sliceMs: options.slice ?? kept?.about.sliceMs ?? sliceWidthMs(range, bytes),
  };
  checkSliceCount(range, about.sliceMs);
  if (kept !== undefined && options.state !== undefined) {
    checkSameAudit(options.state, kept, about, audit.plan);
  }
  const state = kept === undefined ? newState(about) : { ...kept, about };
  const done = doneSpans(state.readings);
  // An earlier run may have read what has expired since.
  const gone = groups.gone.flatMap(({ logGroup, window }) =>
    withoutSpans(window, done('pack', logGroup)).map((left) => ({ logGroup, window: left })),
  );
  return {
    ...{ mwaaEnvironment, audit, clients, found, volume, state },
    groups: { ...groups, gone },
  };
}

/** Stored bytes were written since the group was created, or within its retention. */
function storedBytes({ groups }: FoundGroups, { gone }: GroupSpans, nowEpochMs: number) {
  return new Map(
    [...groups].map(([logGroup, { storedBytes: bytes = 0, createdEpochMs = 0 }]) => {
      const end = gone.find((span) => span.logGroup === logGroup)?.window.endEpochMs ?? 0;
      const startEpochMs = Math.max(createdEpochMs, end);
      return [logGroup, { bytes, window: { startEpochMs, endEpochMs: nowEpochMs } }] as const;
    }),
  );
}

/** The slices left to read, in both lanes. */
export function slicesToRead({ groups, state }: Pick<Preparation, 'groups' | 'state'>): Slice[] {
  const done = doneSpans(state.readings);
  return auditLanes.flatMap((lane) =>
    slicesLeft(groups.spans, state.about.sliceMs, (logGroup) => done(lane, logGroup)),
  );
}
