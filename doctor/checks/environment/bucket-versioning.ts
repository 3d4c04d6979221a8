import { judgeBuckets } from '../../facts/bucket-facts.ts';
import type { Check } from '../../facts/check.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { fail, judge, pass, toDo } from '../../shapes/judgement.ts';

export const bucketVersioning: Check = {
  id: 'bucket-versioning',
  area: 'bucket',
  title: 'The DAG bucket has versioning enabled',
  meaning:
    'MWAA requires versioning. It is also the only record of the DAG that ran when a role was granted, once the file has changed again.',
  look: (facts) =>
    judgeBuckets(facts, ({ versioning }, name) =>
      judge(versioning, ({ Status = 'never enabled' }) => {
        const evidence = `versioning of ${name} is ${Status}`;
        if (Status === 'Enabled') return [pass(evidence)];
        return [
          fail(
            evidence,
            toDo(
              'Enable versioning.',
              awsCommand(
                facts.observed,
                's3api put-bucket-versioning',
                `--bucket ${name}`,
                '--versioning-configuration Status=Enabled',
              ),
            ),
          ),
        ];
      }),
    ),
};
