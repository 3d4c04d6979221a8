import { shellWord } from '../../../lambda/common/quote-shell-word.ts';
import { type Check, withEnvironment } from '../../facts/check.ts';
import { awsOwnedKey } from '../../facts/key-facts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { fail, pass, toDo, undecided } from '../../shapes/judgement.ts';

/** `mrk-…` is the ID of a multi-Region key, which `key-multi-region` checks. */
const keyName = /^(arn:[^:]+:kms:[^:]+:\d{12}:key\/)?(mrk-)?[0-9a-f-]{32,36}$/;

export const keyReference: Check = {
  id: 'key-reference',
  area: 'key',
  title: 'The environment names its key by ID or ARN',
  meaning:
    'MWAA needs a key ID or ARN; its API accepts an alias, but the service does not support one.',
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
          toDo('Find out which key that is.', show),
        ),
      ];
    }
    return [
      fail(
        `the environment names its key by the alias ${KmsKey}`,
        toDo(
          'The key can be set only when the environment is created: recreate it with the ARN that this command shows.',
          show,
        ),
      ),
    ];
  }),
};
