import {
  type Check,
  environmentKey,
  type Facts,
  isSameKey,
  withEnvironment,
} from '../../facts/facts.ts';
import { stateText } from '../../facts/key-facts.ts';
import { environmentGroups } from '../../facts/log-groups.ts';
import {
  awsCommand,
  type Fix,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  unknown,
  warn,
} from '../../shapes/judgement.ts';
import type { LogGroup } from '../../shapes/log-shapes.ts';
import type { Observed } from '../../shapes/observation.ts';

/** The state of a log group's old key, as the end of a sentence. */
function stateOfKey({ keys }: Pick<Observed, 'keys'>, arn: string): string {
  const metadata = keys[arn]?.metadata;
  if (metadata?.kind === 'known') return `that key is ${stateText(metadata.value)}`;
  if (metadata?.error.includes('NotFoundException')) return 'that key no longer exists';
  return `the state of that key is unknown (${metadata?.action ?? 'kms:DescribeKey'}: ${metadata?.error ?? 'no answer'})`;
}

/** The commands that make a key usable again; none when it is usable or deleted. */
function revive(observed: Pick<Observed, 'region' | 'keys'>, arn: string): string[] {
  const metadata = observed.keys[arn]?.metadata;
  const state = metadata?.kind === 'known' ? metadata.value.KeyState : undefined;
  const enable = awsCommand(observed, 'kms enable-key', `--key-id ${arn}`);
  if (state === 'Disabled') return [enable];
  if (state !== 'PendingDeletion') return [];
  return [awsCommand(observed, 'kms cancel-key-deletion', `--key-id ${arn}`), enable];
}

/**
 * The two fixes for log groups that still have the key of a destroyed environment.
 *
 * @param newKey the environment's key; undefined: CloudWatch Logs encrypts the groups itself
 */
function waysOut(
  observed: Pick<Observed, 'region' | 'keys'>,
  groups: readonly LogGroup[],
  oldKey: string,
  newKey: string | undefined,
): [Fix, Fix] {
  const each = (command: (name: string, group: LogGroup) => string | string[]) =>
    groups.flatMap((group) => command(group.logGroupName ?? '', group));
  const key = newKey === undefined ? [] : [`--kms-key-id ${newKey}`];
  return [
    toDo(
      'Keep the log groups and associate the right key with them. It applies only to new events: older events remain encrypted with the old key, and are readable as long as that key is enabled and lets CloudWatch Logs use it.',
      ...revive(observed, oldKey),
      ...each((name) =>
        newKey === undefined
          ? awsCommand(observed, 'logs disassociate-kms-key', `--log-group-name ${name}`)
          : awsCommand(observed, 'logs associate-kms-key', `--log-group-name ${name}`, ...key),
      ),
    ),
    toDo(
      'Or, if nobody needs the old events, delete the log groups and recreate them with the right key. Their events are lost for good, and the monitor reports the gap.',
      ...each((name, { retentionInDays }) => [
        awsCommand(observed, 'logs delete-log-group', `--log-group-name ${name}`),
        awsCommand(observed, 'logs create-log-group', `--log-group-name ${name}`, ...key),
        ...(retentionInDays === undefined
          ? []
          : [
              awsCommand(
                observed,
                'logs put-retention-policy',
                `--log-group-name ${name}`,
                `--retention-in-days ${retentionInDays}`,
              ),
            ]),
      ]),
    ),
  ];
}

export const logGroupKeys: Check = {
  id: 'log-group-keys',
  area: 'key',
  title: 'Every log group has the environment’s key',
  meaning:
    'Log groups outlive the environment, and retain the key that they were created with. When the environment is recreated with another key, MWAA continues to write to groups whose key is gone or denies access: tasks run, but their logs cannot be read ("Could not read remote logs").',
  look: withEnvironment((_environment, facts) =>
    judge(facts.observed.logGroups, (all) => {
      const groups = environmentGroups(facts.observed.mwaaEnvironment, all).flatMap(
        ({ group }) => group ?? [],
      );
      return [...groupsWithoutKey(groups, facts), ...groupsWithKey(groups, facts)];
    }),
  ),
};

function groupsWithoutKey(groups: readonly LogGroup[], facts: Facts): Judgement[] {
  const own = environmentKey(facts);
  const without = groups.filter(({ kmsKeyId }) => kmsKeyId === undefined);
  if (without.length === 0) return [];
  const names = namesOf(without);
  if (own === undefined) return [pass(`${names}: encrypted by CloudWatch Logs itself`)];
  return [
    fail(
      `${names}: encrypted by CloudWatch Logs itself, not with the environment’s key`,
      toDo(
        'Associate them with the key; it applies to new events.',
        ...without.map(({ logGroupName }) =>
          awsCommand(
            facts.observed,
            'logs associate-kms-key',
            `--log-group-name ${logGroupName}`,
            `--kms-key-id ${own.arn ?? own.name}`,
          ),
        ),
      ),
    ),
  ];
}

function groupsWithKey(groups: readonly LogGroup[], facts: Facts): Judgement[] {
  const byKey = new Map<string, LogGroup[]>();
  for (const group of groups) {
    const { kmsKeyId } = group;
    if (kmsKeyId !== undefined) byKey.set(kmsKeyId, [...(byKey.get(kmsKeyId) ?? []), group]);
  }
  return Array.from(byKey, ([keyArn, theirs]) => judgeKeyOfGroups(keyArn, theirs, facts));
}

function judgeKeyOfGroups(keyArn: string, groups: readonly LogGroup[], facts: Facts): Judgement {
  const { observed } = facts;
  const own = environmentKey(facts);
  const names = namesOf(groups);
  if (own === undefined) return judgeWithoutOwnKey(keyArn, groups, facts);
  if (isSameKey(keyArn, own.arn ?? own.name)) return pass(`${names}: the environment’s key`);
  if (own.arn === undefined && own.name.includes('alias/')) {
    const metadata = own.key?.metadata;
    return metadata === undefined || metadata.kind === 'known'
      ? unanswered('kms:DescribeKey', `Arn of ${own.name}`)
      : unknown(metadata);
  }
  return fail(
    `${names}: encrypted with ${keyArn}, not with the environment’s key ${own.arn ?? own.name}. They retain the key of a destroyed environment of this name: log groups are not deleted with their environment, and a new deployment does not change their key; ${stateOfKey(observed, keyArn)}`,
    ...waysOut(observed, groups, keyArn, own.arn ?? own.name),
  );
}

/** A usable key may be intended, so it is a warning; a key that cannot be used is a leftover. */
function judgeWithoutOwnKey(
  keyArn: string,
  groups: readonly LogGroup[],
  { observed }: Facts,
): Judgement {
  const metadata = observed.keys[keyArn]?.metadata;
  const isGone = metadata?.kind === 'failed' && metadata.error.includes('NotFoundException');
  if (metadata !== undefined && metadata.kind !== 'known' && !isGone) return unknown(metadata);
  const evidence = `${namesOf(groups)}: encrypted with ${keyArn}, while the environment uses the AWS owned key; ${stateOfKey(observed, keyArn)}`;
  const ways = waysOut(observed, groups, keyArn, undefined);
  const isUsable = metadata?.kind === 'known' && metadata.value.KeyState === 'Enabled';
  return isUsable ? warn(evidence, ...ways) : fail(evidence, ...ways);
}

function namesOf(groups: readonly LogGroup[]): string {
  return groups.map(({ logGroupName }) => logGroupName).join(', ');
}
