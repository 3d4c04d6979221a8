import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import {
  ANNOTATIONS_IN_VALIDATION_REPORT,
  BUNDLING_STACKS,
  VALIDATE_AGAINST_DEFAULT_RULES,
} from 'aws-cdk-lib/cx-api';
import cdkJson from '../../cdk.json' with { type: 'json' };
import type { EnvironmentConfig } from '../../infra/config/environment-config.ts';
import { MonitorStack } from '../../infra/monitor-stack.ts';
import type { Template } from '../../local/alarms/read-alarms.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';

/** The CDK would print its findings and warnings, which are for those who deploy. */
const quiet = {
  [ANNOTATIONS_IN_VALIDATION_REPORT]: false,
  [VALIDATE_AGAINST_DEFAULT_RULES]: false,
};

/** The template of an environment's monitor, without its function's code. */
export function synthesizedMonitor(
  config: EnvironmentConfig,
  detections: readonly Detection[],
): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'privilege-monitor-cost-'));
  try {
    const context = { ...cdkJson.context, ...quiet, [BUNDLING_STACKS]: [] };
    const app = new App({ outdir, context });
    const { stackName } = new MonitorStack(app, 'Monitor', { config, detections });
    return app.synth().getStackByName(stackName).template;
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
