import {
  deleteUnusedRoleCommand,
  restUndoCommand,
  showRoleCommand,
} from '../findings/aws-commands.ts';
import { airflowMajor } from '../findings/links.ts';
import type { Finding, Undo } from '../model/finding.ts';
import { escaped } from '../text/show-text.ts';
import type { Sender } from './subject.ts';

/** How to undo the change by the shortest way that there is; empty if there is nothing to undo. */
export function undoLines({ undo }: Finding, sender: Sender): string[] {
  if (undo === undefined) return [];
  const { roles } = undo;
  return [
    '',
    'TO UNDO IT',
    ...(roles === undefined ? linesForUsers(undo, sender) : linesForRoles(undo, roles, sender)),
  ];
}

/** Findings whose commands a digest has: each may have five, and a digest has to name all findings first. */
const undoneMax = 10;

/** The same for a digest: the commands of the first findings that have some; empty if none has. */
export function digestUndoLines(findings: readonly Finding[], sender: Sender): string[] {
  // What many findings did once more is undone once.
  const listedBefore = new Set<string>();
  const isNew = (command: string) => {
    const isListed = listedBefore.has(command);
    listedBefore.add(command);
    return !isListed;
  };
  const undoable = findings
    .map((finding) => {
      const { rest, task } = waysOf(finding.undo, sender);
      return { finding, rest: rest.filter(isNew), task: task.filter(isNew) };
    })
    .filter(({ rest, task }) => rest.length + task.length > 0);
  if (undoable.length === 0) return [];
  const chosen = undoable.slice(0, undoneMax);
  const { mayBe2, mayBe3 } = versionsOf(sender);
  const listed = (way: 'rest' | 'task') =>
    chosen
      .filter((one) => one[way].length > 0)
      .flatMap(({ finding: { id, title }, [way]: commands }) => [
        `  ${escaped(title)}  [${id}]`,
        ...commands.map((command) => `    ${command}`),
      ]);
  const under = (text: string, lines: readonly string[]) =>
    mayBe2 && lines.length > 0 ? [text, ...lines] : [];
  const places = 'Security > List Users and List Roles';
  return [
    undoable.length > chosen.length
      ? `TO UNDO THEM (${undoneMax} of ${undoable.length} that a command can undo; for all others as their runbooks say)`
      : 'TO UNDO THEM (what a command can undo; all else as the runbooks say)',
    `First check in Airflow under ${places} that a change is there, and find out whether it was there before: then there is nothing to undo.`,
    ...under(
      `On Airflow 2 (needs airflow:InvokeRestApi on role/${sender.environment}/Admin):`,
      listed('rest'),
    ),
    ...under(`On Airflow 2, in a task of your own; or under ${places}:`, listed('task')),
    ...(mayBe3 ? [`On Airflow 3, do it under ${places}.`] : []),
    '',
  ];
}

/** Which ways a mail has; an unknown version counts as either, and the mail then has both. */
function versionsOf({ airflow }: Sender) {
  const isUnknown = airflow?.version === undefined;
  return {
    mayBe2: isUnknown || airflowMajor(airflow) < 3,
    mayBe3: isUnknown || airflowMajor(airflow) >= 3,
  };
}

function linesForUsers(undo: Undo, sender: Sender): string[] {
  const ways = waysOf(undo, sender);
  const { mayBe2, mayBe3 } = versionsOf(sender);
  return [
    'First check in Airflow under Security > List Users that the change is there, and find out whether it was there before: then there is nothing to undo.',
    ...(mayBe2
      ? withCommands(
          `On Airflow 2 (needs airflow:InvokeRestApi on role/${sender.environment}/Admin):`,
          ways.rest,
        )
      : []),
    ...(mayBe2
      ? withCommands(
          'On Airflow 2, in a task of your own, since its REST API cannot name such a user; or under List Users:',
          ways.task,
        )
      : []),
    ...(mayBe3 && undo.commands.length > 0
      ? [
          'On Airflow 3, do it under Security > List Users: InvokeRestApi does not reach users there, and a task has no right to change them.',
        ]
      : []),
    ...(undo.isPartial
      ? [
          'Names that are not safe to copy into a command, and all after the first few, are left out: look them up under Security > List Users.',
        ]
      : []),
  ];
}

function linesForRoles(undo: Undo, roles: readonly string[], sender: Sender): string[] {
  const { mayBe2, mayBe3 } = versionsOf(sender);
  const shows = roles.flatMap((role) => showRoleCommand(sender, role) ?? []);
  const { rest, task } = waysOf(undo, sender);
  return [
    'First check in Airflow under Security > List Roles that the change is there, and find out whether it was there before: then there is nothing to undo.',
    ...(mayBe2
      ? [
          ...withCommands(
            `On Airflow 2, this shows what the role may do now (needs airflow:InvokeRestApi on role/${sender.environment}/Admin):`,
            shows,
          ),
          ...withCommands(
            'On Airflow 2, this deletes the role unless a user has it, since Airflow says the same of a role that was there before (needs the same right):',
            rest,
          ),
          ...withCommands(
            'On Airflow 2, in a task of your own, since its REST API only adds permissions; or under List Roles:',
            task,
          ),
        ]
      : []),
    ...(mayBe3
      ? [
          'On Airflow 3, do it under Security > List Roles: InvokeRestApi does not reach roles there, and a task has no right to change them.',
        ]
      : []),
    ...(undo.isPartial
      ? [
          'Permissions that no line names, names that are not safe to copy into a command, and all after the first few are left out: look them up under Security > List Roles.',
        ]
      : []),
  ];
}

/** What some commands do, and the commands; nothing if there are none. */
function withCommands(text: string, commands: readonly string[]): string[] {
  return commands.length === 0 ? [] : [text, ...commands.map((command) => `    ${command}`)];
}

/** Each change by the REST API, or else by a command in a task. */
function waysOf(undo: Undo | undefined, sender: Sender) {
  const rest = [...newRoleDeletions(undo, sender)];
  const task: string[] = [];
  for (const [index, command] of (undo?.commands ?? []).entries()) {
    const change = undo?.changes?.[index];
    const byRest = change && restUndoCommand(sender, change);
    if (byRest === undefined) task.push(command);
    else rest.push(byRest);
  }
  return { rest, task };
}

function newRoleDeletions(undo: Undo | undefined, sender: Sender): string[] {
  const { roles = [], areNewRoles = false } = undo ?? {};
  return areNewRoles ? roles.flatMap((role) => deleteUnusedRoleCommand(sender, role) ?? []) : [];
}
