import { awsCommand } from '../shapes/commands.ts';
import { fail, type Judgement, pass, toDo, unanswered } from '../shapes/judgement.ts';
import type { KeyMetadata } from '../shapes/kms.ts';
import type { Observed } from '../shapes/observation.ts';

/**
 * Judges whether a key can be used.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 *
 * @param whose how the evidence refers to the key, such as `the key`
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
  if (KeyState === 'Disabled') return fail(evidence, toDo('Enable the key.', enable));
  if (KeyState === 'PendingDeletion') {
    const cancel = awsCommand(observed, 'kms cancel-key-deletion', `--key-id ${name}`);
    return fail(
      evidence,
      toDo('Cancel the deletion while there is time, and enable the key.', cancel, enable),
    );
  }
  return fail(
    evidence,
    toDo(
      'Fix the cause of this state: import the key material, or repair the key store of the key.',
      awsCommand(observed, 'kms describe-key', `--key-id ${name}`),
    ),
  );
}

export function stateText({ KeyState, DeletionDate }: KeyMetadata): string {
  if (KeyState === 'PendingDeletion')
    return `to be deleted on ${DeletionDate ?? 'an unknown date'}`;
  return KeyState === undefined ? 'in an unknown state' : inWords(KeyState);
}

/** Turns `PendingImport` into `pending import`. */
function inWords(state: string): string {
  return state.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
