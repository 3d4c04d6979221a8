import { stringify } from 'yaml';
import { z } from 'zod';
import { isAbout, verbs } from '../../lambda/model/verbs.ts';
import { type ApprovedChange, approvedChangeSchema } from '../../lambda/plan/approved-change.ts';
import { readCheckedYaml } from '../../queries/tools/checked-yaml.ts';

const { verb, ...others } = approvedChangeSchema.shape;

/**
 * An approval as a person writes it. The old form, which named no verb and covered every user and
 * role that it did not name, is refused with the line to write instead; so is an approval of taking
 * over any account, an Admin's included.
 */
export const writtenApproval = z
  .strictObject({
    ...{ dag: others.dag, task: others.task },
    verb: z.optional(verb),
    ...{ user: others.user, role: others.role },
    ...{ reason: others.reason, owner: others.owner, expires: others.expires },
  })
  .superRefine((entry, context) => {
    const message = entry.verb === undefined ? oldForm(entry) : anyAccount(entry, entry.verb);
    if (message !== undefined) context.addIssue({ code: 'custom', input: entry, message });
  })
  .transform(({ verb = [], ...rest }): ApprovedChange => ({ ...rest, verb }));

/**
 * Other fields of an environment's file are ignored; without the list, or with its name misspelt,
 * the file is refused.
 */
const approvalsFile = z.looseObject({ approvedChanges: z.array(writtenApproval) });

/**
 * The approvals of an environment's file, or of one that holds `approvedChanges` alone.
 *
 * @throws InputError naming file, line, field, rule and value
 */
export function readApprovals(path: string): readonly ApprovedChange[] {
  return readCheckedYaml(path, path, approvalsFile).value.approvedChanges;
}

type Entry = Readonly<Partial<ApprovedChange>>;

function oldForm(entry: Entry): string {
  return `must name verb, user and role, and covers only what it names: write\n${newLine(entry)}\nwith the verbs that you mean (docs/environments/full.yaml has all)`;
}

/**
 * What is wrong with an approval of taking over the accounts that match a pattern; undefined when
 * nothing is.
 */
function anyAccount(entry: Entry, approved: ApprovedChange['verb']): string | undefined {
  const { user: users = [] } = entry;
  const taking = approved.filter((each) => verbs[each].takesAccount);
  if (taking.length === 0 || !users.some((user) => user.includes('*'))) return undefined;
  const names = users.filter((user) => !user.includes('*'));
  const rest = approved.filter((each) => !taking.includes(each));
  const { role, ...withoutRole } = entry;
  const asksRole = taking.some((each) => isAbout(each, 'role'));
  const lines = [
    ...(rest.length === 0 ? [] : [approvalLine({ ...entry, verb: rest })]),
    approvalLine({
      ...(asksRole && role !== undefined ? entry : withoutRole),
      verb: taking,
      user: names.length === 0 ? [nameToFillIn] : names,
    }),
  ];
  const whom =
    names.length === 0
      ? `with the names of the users that you mean for ${nameToFillIn}`
      : 'with each user that you mean';
  return `must name each user, without *, for ${taking.join(' and ')}, since the account may be an Admin's: write\n${lines.join('\n')}\n${whom}`;
}

const nameToFillIn = 'USER';

/**
 * The line in the new form: a `*` for a field that was not named and covered everything, except the
 * roles that no `*` covers.
 */
function newLine(entry: Entry): string {
  return approvalLine({
    ...entry,
    verb: ['grant-role'],
    user: entry.user ?? ['*'],
    role: entry.role ?? ['*'],
  });
}

/**
 * An entry of the list `approvedChanges`, with its fields in the order of
 * docs/environments/full.yaml.
 */
export function approvalLine({
  dag,
  task,
  verb: verbs,
  user,
  role,
  reason,
  owner,
  expires,
}: Entry): string {
  const written = {
    ...{ dag, ...(task !== undefined && { task }), verb: one(verbs) },
    ...{ ...(user !== undefined && { user: one(user) }) },
    ...{ ...(role !== undefined && { role: one(role) }) },
    ...{ reason, owner, expires },
  };
  return `  - ${stringify(written, { collectionStyle: 'flow', lineWidth: 0 }).trim()}`;
}

/** A list of one text is written as that text. */
function one(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}
