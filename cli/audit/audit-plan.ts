import { createHash } from 'node:crypto';
import type { EnvironmentConfig } from '../../infra/config/environment-config.ts';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import { defaultCorrelateSeconds } from '../../lambda/model/correlation-state.ts';
import type { Severity } from '../../lambda/model/finding.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { loadDetections } from '../../queries/tools/load-detections.ts';

/** What an environment's monitor looks for, and the settings by which it judges findings. */
export interface AuditPlan {
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
