import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Finding } from '../../lambda/findings/finding.ts';
import { createFindingMaker } from '../../lambda/findings/make-findings.ts';
import { scanPlanFileName, scanPlanSchema } from '../../lambda/scan-plan.ts';
import { localPlace } from '../aws-endpoints/aws-place.ts';
import { defaultSliceMs } from '../replay/cut-windows.ts';
import { replayLogs } from '../replay/replay-logs.ts';
import type { SynthesizedMonitor } from './cloud-assembly.ts';
import type { LoadedSession } from './load-session.ts';

/**
 * What the detections of a synthesized monitor find in a session when everything is read in order and
 * nothing comes late: by the fold that `replay` uses, which knows neither ticks nor a ledger.
 */
export async function undisturbedFindings(
  { engine, logGroups, mwaaEnvironment, tally }: LoadedSession,
  { bundleFile, config }: SynthesizedMonitor,
): Promise<readonly Finding[]> {
  const planFile = join(dirname(bundleFile), scanPlanFileName);
  const plan = scanPlanSchema.parse(JSON.parse(await readFile(planFile, 'utf8')));
  const range = {
    startEpochMs: Math.floor(tally.firstEventEpochMs / 1000) * 1000,
    endEpochMs: (Math.floor(tally.lastEventEpochMs / 1000) + 1) * 1000,
  };
  const { correlateSeconds } = config;
  const { findings } = await replayLogs(engine, {
    plan,
    settings: { environment: mwaaEnvironment, correlateSeconds },
    findingMaker: createFindingMaker({ config, plan, region: localPlace.region }),
    region: localPlace.region,
    logGroups: logGroups.map(({ logGroup }) => logGroup),
    range,
    sliceMs: defaultSliceMs(range),
    nowEpochMs: (await engine.ingestionSpan())?.endEpochMs ?? range.endEpochMs,
  });
  return findings;
}
