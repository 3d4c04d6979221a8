import { shellWord } from '../../lambda/shell-word.ts';
import { type Check, withEnvironment } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { fail, pass, toDo, undecided } from '../judgement.ts';
import { awsOwnedKey } from '../key-facts.ts';

/** `mrk-…` is the ID of a multi-Region key, which is another check's matter. */
const keyName = /^(arn:[^:]+:kms:[^:]+:\d{12}:key\/)?(mrk-)?[0-9a-f-]{32,36}$/;

export const keyReference: Check = {
  id: 'key-reference',
  area: 'key',
  title: 'The key is given by its ID or ARN',
  meaning:
    'MWAA takes a key ID or ARN; an alias is accepted by its API and not supported by the service.',
  look: withEnvironment(({ KmsKey }, { observed }) => {
    if (KmsKey === undefined) return awsOwnedKey;
    if (keyName.test(KmsKey)) return [pass(`the environment names its key ${KmsKey}`)];
    const show = awsCommand(
      observed,
      'kms describe-key',
      `--key-id ${shellWord(KmsKey)}`,
      '--query KeyMetadata.Arn',
    );
    if (!/(^|:)alias\//.test(KmsKey)) {
      return [
        undecided(
          `the environment names its key ${KmsKey}, which is neither an ID nor an ARN`,
          toDo('See which key that is.', show),
        ),
      ];
    }
    return [
      fail(
        `the environment names its key by the alias ${KmsKey}`,
        toDo(
          'The key of an environment can be set only when it is made: make it anew, with the ARN that this shows.',
          show,
        ),
      ),
    ];
  }),
};
