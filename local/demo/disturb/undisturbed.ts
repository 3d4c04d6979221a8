import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Finding } from '../../../lambda/model/finding.ts';
import { type ScanPlan, scanPlanFileName, scanPlanSchema } from '../../../lambda/plan/scan-plan.ts';
import { Verdicts } from '../../../lambda/scan/verdicts.ts';
import { localPlace } from '../../aws-place.ts';
import { defaultSliceMs } from '../../replay/cut-windows.ts';
import { replayLogs } from '../../replay/replay-logs.ts';
import type { SynthesizedMonitor } from '../run/cloud-assembly.ts';
import type { LoadedSession } from '../session/load-session.ts';

/** The scan plan of the synthesized monitor. */
export async function readScanPlan({
  bundleFile,
}: Pick<SynthesizedMonitor, 'bundleFile'>): Promise<ScanPlan> {
  const planFile = join(dirname(bundleFile), scanPlanFileName);
  return scanPlanSchema.parse(JSON.parse(await readFile(planFile, 'utf8')));
}

/**
 * The findings of a synthesized monitor in a session when everything is read in order and nothing
 * is late. Uses the code of the command `replay`, which has neither ticks nor a ledger.
 *
 * @param answered the plan's candidates whose queries are answered; all by default
 */
export async function undisturbedFindings(
  { engine, logGroups, mwaaEnvironment, tally }: LoadedSession,
  monitor: SynthesizedMonitor,
  answered?: ScanPlan['candidates'],
): Promise<readonly Finding[]> {
  const { config } = monitor;
  const plan = await readScanPlan(monitor);
  const range = {
    startEpochMs: Math.floor(tally.firstEventEpochMs / 1000) * 1000,
    endEpochMs: (Math.floor(tally.lastEventEpochMs / 1000) + 1) * 1000,
  };
  const { correlateSeconds } = config;
  const { findings } = await replayLogs(engine, {
    plan: { ...plan, candidates: answered ?? plan.candidates },
    verdicts: new Verdicts(plan.candidates),
    settings: { environment: mwaaEnvironment, correlateSeconds },
    region: localPlace.region,
    logGroups: logGroups.map(({ logGroup }) => logGroup),
    range,
    sliceMs: defaultSliceMs(range),
    nowEpochMs: (await engine.ingestionSpan())?.endEpochMs ?? range.endEpochMs,
  });
  return findings;
}
