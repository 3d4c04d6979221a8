import { judgeBuckets } from '../bucket-facts.ts';
import type { Check } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { fail, judge, pass, toDo } from '../judgement.ts';

export const bucketVersioning: Check = {
  id: 'bucket-versioning',
  area: 'bucket',
  title: 'The DAG bucket keeps versions',
  meaning:
    'MWAA requires it; and only versions show which DAG ran when a role was given away, after the file was changed again.',
  look: (facts) =>
    judgeBuckets(facts, ({ versioning }, name) =>
      judge(versioning, ({ Status = 'never enabled' }) => {
        const evidence = `versioning of ${name} is ${Status}`;
        if (Status === 'Enabled') return [pass(evidence)];
        return [
          fail(
            evidence,
            toDo(
              'Enable it.',
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
