import { isOwnDetection, type OwnDetection } from '../findings/own-finding.ts';
import { mayHaveHappened } from '../findings/undo.ts';
import { type Origin, originOf } from '../model/actor.ts';
import type { Finding, Outcome } from '../model/finding.ts';
import { shownName } from '../text/show-text.ts';

const ownFirstSteps: Readonly<Record<OwnDetection, string>> = {
  'coverage-gap':
    'Find out why the log group could not be read in that time: whether somebody deleted it or shortened its retention, or how long the monitor was down. Then look for privilege changes of that time in other places, as the runbook says.',
  'log-flood':
    'Open the log group at that second and find out what wrote so much: a DAG may flood the log to hide something in it. Then read the rest of that second, as the runbook says.',
  'coverage-changed':
    'If it is blind, set the log type to INFO in the MWAA environment, or restore the missing permission or key; what is logged meanwhile may be lost. If it is covered again and you changed nothing, find out who did.',
  'log-group-silent':
    'Find out why nothing is written there any more: a paused DAG is harmless; a replaced log handler, or a permission that the execution role lost, is not. The runbook says where to look.',
  'unreadable-row':
    'Read the log group at that time, as the runbook says: the row matched a detection, but the monitor could not read it.',
  'unreadable-item':
    'Look at the item in the ledger table, and find out who wrote it: only the scanner should. The runbook says what was skipped.',
  'detection-refused':
    "Read what AWS says about the query. Correct the detection, or disable it in the environment's file, and deploy; until then, look for its lines by hand, as the runbook says.",
  'approved-changes':
    "Read the list: each line is a change that was not sent because an approval in the environment's file covers it. If you do not recognize an approval, ask its owner, and correct or remove it.",
  'change-flood':
    'Treat it as its severity says, and ask the owners of the DAGs or users that it names. Then read the lines with `replay`, as the runbook says: one change may be hidden among many.',
};

/** What the person on call does first; depends on where the change came from. */
export function firstStep(finding: Finding): string {
  const own = finding.detections.find(isOwnDetection);
  if (own !== undefined) return ownFirstSteps[own];
  const [first] = finding.evidence;
  const { dag, run, dagFile, user } = finding.actor;
  const origin = first === undefined ? 'service' : originOf(first);
  if (!mayHaveHappened(finding.outcome)) return attemptStep(finding, origin);
  switch (origin) {
    case 'task':
      return `Ask the owner of DAG ${shownName(dag ?? '?')} whether run ${shownName(run ?? '?', 100)} was meant to do this. If nobody knows, pause the DAG, then undo the change as the runbook says.`;
    case 'dag-file':
      return `Look at what changed in ${shownName(dagFile ?? 'the DAG files')} in the environment's S3 bucket, and who uploaded it. If it was not meant, remove the file, then undo the change as the runbook says.`;
    case 'startup-script':
      return "Look at what changed in the environment's startup script in S3, and who uploaded it. If it was not meant, restore the script, then undo the change as the runbook says.";
    case 'web-server':
      return `${user === undefined ? 'Find out who it was' : `Ask whoever uses Airflow user ${shownName(user)}, and find out whether it was that person`}: CreateWebLoginToken in CloudTrail shortly before, or InvokeRestApi for a request to the REST API. Airflow's audit log has no row of such a change. If it was not meant, undo the change as the runbook says.`;
    default:
      return 'Find out which process wrote the lines and who started it. If it was not meant, undo the change as the runbook says.';
  }
}

const attempts: Readonly<Partial<Record<Outcome, string>>> = {
  failed: 'failed',
  denied: 'was refused',
  'no-effect': 'changed nothing',
};

/** An attempt leaves nothing to undo, but who made it, and what allowed it, is still there. */
function attemptStep({ outcome, actor: { dag, run, dagFile } }: Finding, origin: Origin): string {
  const ended = attempts[outcome] ?? 'failed';
  if (origin === 'web-server') {
    return `There is nothing to undo: the web server says that it ${ended}. Find out who tried: CreateWebLoginToken in CloudTrail shortly before, or InvokeRestApi for a request to the REST API. If it was not meant, take away what let that person get so far: the right to call either of them, and the account in Airflow.`;
  }
  const nothing = `There is nothing to undo if the log is right that it ${ended}. The author of the code could have printed that: check under Security > List Users and List Roles that nothing has changed.`;
  const takeAway =
    'take away what let it try: the code, and the right of the person who added it to write to';
  switch (origin) {
    case 'task':
      return `${nothing} Ask the owner of DAG ${shownName(dag ?? '?')} whether run ${shownName(run ?? '?', 100)} was meant to try this. If nobody knows, pause the DAG and ${takeAway} the environment's S3 bucket.`;
    case 'dag-file':
      return `${nothing} Look at what changed in ${shownName(dagFile ?? 'the DAG files')} in the environment's S3 bucket, and who uploaded it. If it was not meant, ${takeAway} that bucket.`;
    case 'startup-script':
      return `${nothing} Look at what changed in the environment's startup script in S3, and who uploaded it. If it was not meant, ${takeAway} the environment's S3 bucket.`;
    default:
      return `${nothing} Find out which process wrote the lines and who started it. If it was not meant, take away what let it try.`;
  }
}
