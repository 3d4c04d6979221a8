import { judgeBuckets } from '../../facts/bucket-facts.ts';
import type { Check } from '../../facts/check.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { fail, judge, pass, toDo } from '../../shapes/judgement.ts';

const flags = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
] as const;

export const bucketPublicAccess: Check = {
  id: 'bucket-public-access',
  area: 'bucket',
  title: 'The DAG bucket blocks public access',
  meaning:
    'Anyone who can write to the bucket can run code as the execution role; MWAA requires the block.',
  look: (facts) =>
    judgeBuckets(facts, ({ publicAccessBlock }, name) =>
      judge(publicAccessBlock, (block) => {
        const off = flags.filter((flag) => block[flag] !== true);
        if (off.length === 0) return [pass(`${name} blocks public access in all four ways`)];
        return [
          fail(
            `${name} does not ${off.join(', ')}`,
            toDo(
              'Block all public access.',
              awsCommand(
                facts.observed,
                's3api put-public-access-block',
                `--bucket ${name}`,
                `--public-access-block-configuration ${flags.map((flag) => `${flag}=true`).join(',')}`,
              ),
            ),
          ),
        ];
      }),
    ),
};
