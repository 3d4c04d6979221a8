import { webRouteOf } from '../commands/web-request.ts';
import { dayMs, minuteMs } from '../common/time.ts';
import {
  callersCommand,
  pauseCommand,
  startupScriptCommand,
  uploadsCommand,
  uploadVariables,
} from '../findings/aws-commands.ts';
import { isOwnDetection, type OwnDetection } from '../findings/own-finding.ts';
import { mayHaveHappened } from '../findings/undo.ts';
import { type Origin, originOf } from '../model/actor.ts';
import type { Finding, Outcome } from '../model/finding.ts';
import { isWitnessDetection, type WitnessDetection } from '../testimony/witness-finding.ts';
import { shownName, shownNames } from '../text/show-text.ts';
import type { Sender } from './subject.ts';

/** What to do, with the commands that do it: each is one line for a POSIX shell, with nothing to fill in. */
interface Step {
  readonly text: string;
  /** What the commands show, which only a reader who has them needs. */
  readonly about?: string;
  readonly commands?: readonly string[];
  /** The page on uploads says more about it. */
  readonly asksForUploads?: true;
}

/** What the steps depend on besides the finding. */
export interface StepsContext {
  readonly sender: Sender;
  /** Who owns the DAG, as its log says. @default - not known */
  readonly dagOwners?: readonly string[] | undefined;
}

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
  'audit-rows-missing':
    'Find out who deleted rows of the table log in the metadata database: nobody but airflow db clean should, and that takes the oldest. Then look for what they may have recorded: users and roles as they are now, and the commands of that time in the logs, as the runbook says.',
  'witness-blind':
    "Read the cause. If Airflow or IAM refuses the reads, find out who changed the role PrivilegeAuditor, its user, or the rights of the witness's function; meanwhile only the logs show privilege changes.",
  'witness-baseline':
    'Read the list once: whoever has Admin, Op or a role that can change users and roles already is not reported again. Ask about names that you do not know.',
  'change-flood':
    'Treat it as its severity says, and ask the owners of the DAGs or users that it names. Then read the lines with `replay`, as the runbook says: one change may be hidden among many.',
};

/** What the person on call does first, in order; depends on where the change came from. */
export function firstSteps(finding: Finding, context: StepsContext): readonly Step[] {
  const own = finding.detections.find(isOwnDetection);
  if (own !== undefined) return [{ text: ownFirstSteps[own] }];
  const witnessed = finding.detections.find(isWitnessDetection);
  if (witnessed !== undefined) return stepsAfterWitness(witnessed, finding, context);
  const [first] = finding.evidence;
  const origin = first === undefined ? 'service' : originOf(first);
  return mayHaveHappened(finding.outcome)
    ? stepsAfterChange(finding, origin, context)
    : stepsAfterAttempt(finding, origin, context);
}

/**
 * What to do about many findings at once, from wherever they came: each step once, over the time of all of them.
 *
 * @param findings at least one
 */
export function digestSteps(findings: readonly Finding[], context: StepsContext): readonly Step[] {
  const bySource = Map.groupBy(findings, ({ detections, evidence: [first] }) =>
    detections.some(isOwnDetection) || first === undefined ? 'service' : originOf(first),
  );
  const fromCode = [...(bySource.get('task') ?? []), ...(bySource.get('dag-file') ?? [])];
  const fromScript = bySource.get('startup-script') ?? [];
  const fromWeb = bySource.get('web-server') ?? [];
  return [
    ...(fromCode.length === 0 ? [] : [uploadsStep(spanOf(fromCode), context)]),
    ...(fromScript.length === 0 ? [] : startupSteps(spanOf(fromScript), context)),
    ...(fromWeb.length === 0
      ? []
      : [
          callerStep(
            { ...spanOf(fromWeb), actor: {}, evidence: fromWeb.flatMap((one) => one.evidence) },
            context,
          ),
        ]),
  ];
}

type Span = Pick<Finding, 'firstSeen' | 'lastSeen'>;

/** @param findings at least one */
function spanOf(findings: readonly Finding[]): Span {
  // Times in this form are in the order of their texts.
  const [firstSeen = ''] = findings.map((finding) => finding.firstSeen).sort();
  const lastSeen = findings.map((finding) => finding.lastSeen).sort();
  return { firstSeen, lastSeen: lastSeen.at(-1) ?? firstSeen };
}

/** Nobody knows yet who did it: no line says so. */
function stepsAfterWitness(
  detection: WitnessDetection,
  finding: Finding,
  { sender }: StepsContext,
): readonly Step[] {
  const span = spanBefore(finding, 0);
  const undo =
    finding.undo === undefined ? 'undo it as the runbook says.' : 'undo it, see TO UNDO IT below.';
  const found =
    detection === 'state-change'
      ? 'Look at the user or role in Airflow (Security > List Users, List Roles), and ask who may change it whether this was meant.'
      : "Find the task that ran the command: the evidence has its time and host, and the row's task instances are those that ran then. Its output was thrown away, or it ran outside of a task.";
  return [
    { text: found },
    {
      text: 'CloudTrail has who called the REST API (InvokeRestApi), or took a token for the web interface, at that time:',
      commands: [
        callersCommand(sender, 'InvokeRestApi', span),
        callersCommand(sender, 'CreateWebLoginToken', span),
      ],
    },
    { text: `If it was not meant, ${undo}` },
    uploadsStep(finding, { sender }),
  ];
}

/** The steps as lines of a mail: numbered if there are several, with each command on a line of its own. */
export function stepLines(steps: readonly Step[]): string[] {
  return steps.flatMap(({ text, about, commands = [] }, index) => [
    `${steps.length === 1 ? '' : `${index + 1}. `}${text}${about === undefined ? '' : ` ${about}`}`,
    ...commands.map((command) => `    ${command}`),
  ]);
}

function stepsAfterChange(
  finding: Finding,
  origin: Origin,
  context: StepsContext,
): readonly Step[] {
  const { dagFile } = finding.actor;
  const undo =
    finding.undo === undefined
      ? 'undo the change as the runbook says.'
      : 'undo the change, see TO UNDO IT below.';
  switch (origin) {
    case 'task':
      return [
        ownerStep(finding, 'do this', context),
        pauseStep(finding, context),
        { text: `Then ${undo}` },
        uploadsStep(finding, context),
      ];
    case 'dag-file':
      return [
        {
          ...uploadsStep(finding, context),
          text: `Look at what changed in ${shownName(dagFile ?? 'the DAG files')} in the environment's S3 bucket.`,
        },
        { text: `If it was not meant, remove the file from the bucket, then ${undo}` },
      ];
    case 'startup-script':
      return [
        ...startupSteps(finding, context),
        { text: `If it was not meant, restore the script, then ${undo}` },
      ];
    case 'web-server':
      return [
        callerStep(finding, context),
        {
          text: `If it was not meant, ${undo} Airflow's audit log has no row of such a change.`,
        },
      ];
    default:
      return [
        {
          text: `Find out which process wrote the lines and who started it. If it was not meant, ${undo}`,
        },
      ];
  }
}

const attempts: Readonly<Partial<Record<Outcome, string>>> = {
  failed: 'failed',
  denied: 'was refused',
  'no-effect': 'changed nothing',
};

/** An attempt leaves nothing to undo, but who made it, and what allowed it, is still there. */
function stepsAfterAttempt(
  finding: Finding,
  origin: Origin,
  context: StepsContext,
): readonly Step[] {
  const ended = attempts[finding.outcome] ?? 'failed';
  if (origin === 'web-server') {
    return [
      { text: `There is nothing to undo: the web server says that it ${ended}.` },
      callerStep(finding, context),
      {
        text: 'If it was not meant, take away what let that person get so far: the right to call that operation, and the account in Airflow.',
      },
    ];
  }
  const nothing = {
    text: `There is nothing to undo if the log is right that it ${ended}. The author of the code could have printed that: check under Security > List Users and List Roles that nothing has changed.`,
  };
  const takeAway = {
    text: "If it was not meant, take away what let it try: the code, and the right of the person who added it to write to the environment's S3 bucket.",
  };
  switch (origin) {
    case 'task':
      return [
        nothing,
        ownerStep(finding, 'try this', context),
        pauseStep(finding, context),
        uploadsStep(finding, context),
        takeAway,
      ];
    case 'dag-file':
      return [
        nothing,
        {
          ...uploadsStep(finding, context),
          text: `Look at what changed in ${shownName(finding.actor.dagFile ?? 'the DAG files')} in the environment's S3 bucket.`,
        },
        takeAway,
      ];
    case 'startup-script':
      return [nothing, ...startupSteps(finding, context), takeAway];
    default:
      return [
        nothing,
        {
          text: 'Find out which process wrote the lines and who started it. If it was not meant, take away what let it try.',
        },
      ];
  }
}

function ownerStep({ actor }: Finding, what: string, { dagOwners = [] }: StepsContext): Step {
  const { dag, run } = actor;
  const said =
    dagOwners.length === 0
      ? ''
      : ` The DAG says that its owner is ${shownNames(dagOwners)}; its author chooses what it says.`;
  return {
    text: `Ask the owner of DAG ${shownName(dag ?? '?')} whether run ${shownName(run ?? '?', 100)} was meant to ${what}.${said}`,
  };
}

/** Where the command that pauses a DAG works, and for whom. */
export function pauseNeeds({ environment }: Sender): string {
  return `Airflow 2 and 3; needs airflow:InvokeRestApi on role/${environment}/User, Op or Admin`;
}

function pauseStep({ actor: { dag } }: Finding, { sender }: StepsContext): Step {
  const command = dag === undefined ? undefined : pauseCommand(sender, dag);
  if (command === undefined) {
    return {
      text: 'If nobody knows, pause the DAG in Airflow: no command can name this DAG.',
    };
  }
  return {
    text: `If nobody knows, pause the DAG (${pauseNeeds(sender)}):`,
    commands: [command],
  };
}

/** The name of the page on uploads, among the runbooks. */
export const uploadsRunbook = 'docs/runbooks/who-uploaded.md';

const uploadsText =
  'This lists the newest files in it up to then. S3 does not store who uploaded them: the runbook on uploads (below) says where that is, if it is recorded; the second line sets what its commands need.';

/** The code may have been there for long: the newest files come first, whatever their age. */
function uploadsStep(
  { lastSeen, actor }: Span & Partial<Pick<Finding, 'actor'>>,
  { sender }: StepsContext,
): Step {
  const untilEpochMs = Date.parse(lastSeen) + minuteMs;
  return {
    text: "Find out who added the code to the environment's S3 bucket.",
    about: uploadsText,
    commands: [
      uploadsCommand(sender, untilEpochMs),
      uploadVariables(sender, { name: actor?.dagFile }, untilEpochMs),
    ],
    asksForUploads: true,
  };
}

/** How far CloudTrail's event history goes back. */
const historyMs = 90 * dayMs;

function startupSteps(finding: Span, { sender }: StepsContext): readonly Step[] {
  return [
    {
      text: "Look at what changed in the environment's startup script in S3:",
      commands: [startupScriptCommand(sender)],
    },
    {
      text: 'Find out who made the environment use it, and who uploaded it: the runbook on uploads (below) says where the second is, if it is recorded; the second line sets what its commands need.',
      commands: [
        callersCommand(sender, 'UpdateEnvironment', spanBefore(finding, historyMs)),
        uploadVariables(sender, 'startup-script', Date.parse(finding.lastSeen) + minuteMs),
      ],
      asksForUploads: true,
    },
  ];
}

function callerStep(
  finding: Span & Pick<Finding, 'actor' | 'evidence'>,
  { sender }: StepsContext,
): Step {
  const { actor, evidence } = finding;
  const { user } = actor;
  const who =
    user === undefined
      ? 'Find out who it was'
      : `Ask whoever uses Airflow user ${shownName(user)}, and find out whether it was that person`;
  // The request's own line may come after those of the security manager.
  const byRestApi = evidence.some(({ message }) => webRouteOf(message) === 'REST API');
  const span = spanBefore(finding, dayMs);
  const login = callersCommand(sender, 'CreateWebLoginToken', span);
  return byRestApi
    ? {
        text: `${who}. CloudTrail has who called the REST API (InvokeRestApi), or took a token for the web interface, in the day before:`,
        commands: [callersCommand(sender, 'InvokeRestApi', span), login],
      }
    : {
        text: `${who}. CloudTrail has who took a token for the web interface (CreateWebLoginToken) in the day before:`,
        commands: [login],
      };
}

function spanBefore({ firstSeen, lastSeen }: Span, beforeMs: number) {
  return {
    startEpochMs: Date.parse(firstSeen) - beforeMs,
    endEpochMs: Date.parse(lastSeen) + minuteMs,
  };
}
