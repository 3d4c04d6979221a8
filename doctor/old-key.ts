import { awsCommand } from './commands.ts';
import { type Fix, toDo } from './judgement.ts';
import { stateText } from './key-state.ts';
import type { Observed } from './observed.ts';
import type { LogGroup } from './shapes/logs.ts';

/** The state of a key that a log group holds on to, as the end of a sentence. */
export function stateOfKey({ keys }: Pick<Observed, 'keys'>, arn: string): string {
  const metadata = keys[arn]?.metadata;
  if (metadata?.kind === 'known') return `that key is ${stateText(metadata.value)}`;
  if (metadata?.error.includes('NotFoundException')) return 'that key does not exist any more';
  return `the state of that key cannot be seen (${metadata?.action ?? 'kms:DescribeKey'}: ${metadata?.error ?? 'no answer'})`;
}

/** What makes a key usable again, while that can be done. */
function revive(observed: Pick<Observed, 'region' | 'keys'>, arn: string): string[] {
  const metadata = observed.keys[arn]?.metadata;
  const state = metadata?.kind === 'known' ? metadata.value.KeyState : undefined;
  const enable = awsCommand(observed, 'kms enable-key', `--key-id ${arn}`);
  if (state === 'Disabled') return [enable];
  if (state !== 'PendingDeletion') return [];
  return [awsCommand(observed, 'kms cancel-key-deletion', `--key-id ${arn}`), enable];
}

/**
 * The two ways out for log groups that kept the key of another environment.
 *
 * @param newKey the environment's key; undefined: encrypted by CloudWatch Logs itself
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
      'Keep the log groups and give them the right key. Only new events get it: what was written before stays under the old key, and can be read as long as that one is enabled and lets CloudWatch Logs use it.',
      ...revive(observed, oldKey),
      ...each((name) =>
        newKey === undefined
          ? awsCommand(observed, 'logs disassociate-kms-key', `--log-group-name ${name}`)
          : awsCommand(observed, 'logs associate-kms-key', `--log-group-name ${name}`, ...key),
      ),
    ),
    toDo(
      'Or begin anew, when nobody needs the old events: delete the log groups and make them with the right key. Their events are gone for good, and the monitor tells the gap.',
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
