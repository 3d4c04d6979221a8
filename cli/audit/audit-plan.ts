import { createHash } from 'node:crypto';
import type { EnvironmentConfig } from '../../infra/environment-config.ts';
import { scanPlan } from '../../infra/scan-plan.ts';
import { defaultCorrelateSeconds } from '../../lambda/findings/correlation-state.ts';
import type { Severity } from '../../lambda/findings/finding.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { loadDetections } from '../../queries/load-detections.ts';

/** What an environment's monitor would look for, and how it would judge it. */
export interface AuditPlan {
  readonly plan: ScanPlan;
  readonly correlateSeconds: number;
  readonly alertAt: Severity;
  /** Of all that decides what a line comes to when it is read. */
  readonly hash: string;
}

/** @param config of the environment's file; undefined: all detections, and no approved change */
export function auditPlan(config: EnvironmentConfig | undefined): AuditPlan {
  const plan = scanPlan(loadDetections(), {
    detections: config?.detections ?? { disable: [] },
    approvedChanges: config?.approvedChanges ?? [],
  });
  // Approvals are looked at when everything is read: they may change in between.
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
