import { type Check, withEnvironment } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { fail, pass, toDo } from '../judgement.ts';
import { awsOwnedKey } from '../key-facts.ts';

export const keyReference: Check = {
  id: 'key-reference',
  area: 'key',
  title: 'The key is given by its ID or ARN',
  meaning:
    'MWAA takes a key ID or ARN; an alias is accepted by its API and not supported by the service.',
  look: withEnvironment(({ KmsKey }, { observed }) => {
    if (KmsKey === undefined) return awsOwnedKey;
    if (!/(^|:)alias\//.test(KmsKey)) return [pass(`the environment names its key ${KmsKey}`)];
    return [
      fail(
        `the environment names its key by the alias ${KmsKey}`,
        toDo(
          'The key of an environment can be set only when it is made: make it anew, with the ARN that this shows.',
          awsCommand(observed, 'kms describe-key', `--key-id ${KmsKey}`, '--query KeyMetadata.Arn'),
        ),
      ),
    ];
  }),
};
