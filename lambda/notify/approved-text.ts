import { approvedLines } from '../findings/approved-digest.ts';
import type { Finding } from '../model/finding.ts';
import { firstStep } from './first-step.ts';
import { placeText, type Sender } from './sender.ts';

/** The mail's body for a day's digest of approved changes; undefined for any other finding. */
export function approvedText(finding: Finding, sender: Sender): string | undefined {
  const lines = approvedLines(finding);
  if (lines.length === 0) return undefined;
  const { id, title, runbook, environment, firstSeen, lastSeen } = finding;
  return [
    `${title}.`,
    '',
    `Environment: ${environment}, ${placeText(sender)}`,
    `Recorded:    ${firstSeen.slice(0, 16).replace('T', ' ')} to ${lastSeen.slice(0, 16).replace('T', ' ')} UTC`,
    '',
    'DO FIRST',
    firstStep(finding),
    'An approval is worth as much as write access to the DAG bucket: anybody who has it can name any DAG.',
    `Runbook: ${runbook} (how to review approvals, and how to list what is not in this mail)`,
    '',
    'CHANGES (time of the first line, severity, change, approval, finding id)',
    ...lines.map((line) => `- ${line}`),
    '',
    `Finding ${id} of MWAA Privilege Monitor`,
    '',
  ].join('\n');
}
