import { loadRefusedTexts, saveRefusedTexts } from '../ledger/refused-text-items.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';
import { PackTexts, planHash } from '../query/pack-texts.ts';
import { saveOwnFinding } from '../record/save-own-finding.ts';
import type { TickContext } from '../record/tick-shell.ts';
import { refusalFindings } from '../scan/refusal-findings.ts';

/**
 * Loads the texts of the pack as earlier runs left them. What this run learns about them is first saved
 * as findings, then stored: a run that ends in between learns the same again.
 */
export async function loadPackTexts(context: TickContext): Promise<PackTexts> {
  const { shell, table, tickEpochMs } = context;
  const { plan, config } = shell;
  const hash = planHash(plan);
  const before = await loadRefusedTexts(table, {
    hash,
    ids: plan.candidates.map(({ id }) => id),
  });
  let refusedSince = before?.refusedSince ?? new Map<string, number>();
  const logGroups = logTypes.map((logType) => logGroupName(config.mwaaEnvironment, logType));
  return new PackTexts(shell, plan, {
    nowEpochMs: tickEpochMs,
    before,
    onLearnt: async ({ known, triedEpochMs }, { window }) => {
      const sinceEpochMs = window.startEpochMs;
      refusedSince = new Map(
        known.refused.map(({ id }) => [id, refusedSince.get(id) ?? sinceEpochMs]),
      );
      const subject = {
        ...{ planHash: hash, detections: plan.detections, logGroups, sinceEpochMs },
        ...{ refusedSince, triedEpochMs, tickEpochMs },
      };
      for (const finding of refusalFindings(known, subject)) await saveOwnFinding(context, finding);
      await saveRefusedTexts(table, { planHash: hash, triedEpochMs, known, refusedSince });
    },
  });
}
