import { type Check, withEnvironment } from '../../facts/check.ts';
import { environmentKey, type Facts, isSameKey } from '../../facts/facts.ts';
import { environmentGroups } from '../../facts/log-groups.ts';
import { awsCommand } from '../../shapes/commands.ts';
import {
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  unknown,
  warn,
} from '../../shapes/judgement.ts';
import type { LogGroup } from '../../shapes/logs.ts';
import { stateOfKey, waysOut } from './old-key-facts.ts';

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
