import { stateText } from '../../facts/key-state-facts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { type Fix, toDo } from '../../shapes/judgement.ts';
import type { LogGroup } from '../../shapes/logs.ts';
import type { Observed } from '../../shapes/observation.ts';

/** The state of a log group's old key, as the end of a sentence. */
export function stateOfKey({ keys }: Pick<Observed, 'keys'>, arn: string): string {
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
export function waysOut(
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
