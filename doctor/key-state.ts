import { awsCommand } from './commands.ts';
import { fail, type Judgement, pass, toDo, unanswered } from './judgement.ts';
import type { Observed } from './observed.ts';
import type { KeyMetadata } from './shapes/kms.ts';

/**
 * Judges whether a key can be used.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 *
 * @param whose how evidence calls the key
 * @param name its ID or ARN
 */
export function judgeKeyState(
  observed: Pick<Observed, 'region'>,
  whose: string,
  { KeyState, DeletionDate }: KeyMetadata,
  name: string,
): Judgement {
  if (KeyState === undefined) return unanswered('kms:DescribeKey', `KeyState of ${name}`);
  const evidence = `${whose} ${name} is ${stateText({ KeyState, DeletionDate })}`;
  if (KeyState === 'Enabled') return pass(evidence);
  const enable = awsCommand(observed, 'kms enable-key', `--key-id ${name}`);
  if (KeyState === 'Disabled') return fail(evidence, toDo('Enable it.', enable));
  if (KeyState === 'PendingDeletion') {
    const cancel = awsCommand(observed, 'kms cancel-key-deletion', `--key-id ${name}`);
    return fail(
      evidence,
      toDo('Take the deletion back while there is time, and enable the key.', cancel, enable),
    );
  }
  return fail(
    evidence,
    toDo(
      'Put right what this state says: an import, or the key store that holds the key.',
      awsCommand(observed, 'kms describe-key', `--key-id ${name}`),
    ),
  );
}

export function stateText({ KeyState, DeletionDate }: KeyMetadata): string {
  if (KeyState === 'PendingDeletion') return `to be deleted on ${DeletionDate ?? 'a date unknown'}`;
  return KeyState === undefined ? 'in a state unknown' : inWords(KeyState);
}

/** `PendingImport` as `pending import`. */
function inWords(state: string): string {
  return state.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
