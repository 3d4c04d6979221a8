import { expiredApprovals } from '../../lambda/plan/approvals.ts';
import type { EnvironmentConfig } from './environment-config.ts';

/** The warnings at synth about expired approvals, whose changes alert again. */
export function expiryWarnings(
  { approvedChanges }: Pick<EnvironmentConfig, 'approvedChanges'>,
  nowEpochMs = Date.now(),
): { readonly id: string; readonly text: string }[] {
  return expiredApprovals(approvedChanges, nowEpochMs).map((approval) => {
    const at = approvedChanges.indexOf(approval);
    return {
      id: `mwaa-privilege-monitor:expired-approval-${at}`,
      text: `approvedChanges[${at}].expires: the approval of DAG ${approval.dag} has expired, and such changes alert again: renew or remove it, got ${JSON.stringify(approval.expires)}`,
    };
  });
}
