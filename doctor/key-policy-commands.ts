import { shellWord } from '../lambda/shell-word.ts';
import { awsCommand, shellJson } from './commands.ts';
import type { KeyPlace } from './key-policy-evaluation.ts';

const file = 'key-policy.json';

/** Under a Sid that no statement of the policy has yet. */
const added = '[$add + {Sid: ($add.Sid + (.Statement | length | tostring))}]';

/** The commands that add statements to a key's policy; a policy can only be replaced as a whole. */
export function addStatement(place: KeyPlace, statement: object): string[] {
  return changePolicy(place, `.Statement += ${added}`, `--argjson add ${shellJson(statement)} `);
}

/** The commands that put one statement in place of all that let in CloudWatch Logs alone. */
export function replaceLogsStatements(place: KeyPlace, statement: object): string[] {
  const services = '[.Principal | objects | .Service // empty] | flatten';
  const letsLogsIn = `.Effect == "Allow" and (${services} | length > 0 and all(startswith("logs.")))`;
  return changePolicy(
    place,
    `.Statement += ${added} | .Statement |= map(select((${letsLogsIn} and (.Condition != $add.Condition or .Action != $add.Action)) | not))`,
    `--argjson add ${shellJson(statement)} `,
  );
}

/** The commands that take the statements of a Sid out of a key's policy. */
export function removeStatement(place: KeyPlace, sid: string): string[] {
  return changePolicy(
    place,
    '.Statement |= map(select(.Sid != $sid))',
    `--arg sid ${shellWord(sid)} `,
  );
}

/** Fetches, changes and puts back, with `jq`. */
export function changePolicy(place: KeyPlace, filter: string, options = ''): string[] {
  const key = `--key-id ${place.keyArn} --policy-name default`;
  return [
    awsCommand(place, 'kms get-key-policy', key, `--query Policy --output text > ${file}`),
    `jq ${options}${shellWord(filter)} ${file} > new-${file}`,
    awsCommand(place, 'kms put-key-policy', key, `--policy file://new-${file}`),
  ];
}

/** What lets CloudWatch Logs encrypt an environment's log groups, and no others. */
export function logsStatement({ partition, region, account }: KeyPlace, mwaaEnvironment: string) {
  return {
    Sid: 'AllowCloudWatchLogs',
    Effect: 'Allow',
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: [
      'kms:Encrypt*',
      'kms:Decrypt*',
      'kms:ReEncrypt*',
      'kms:GenerateDataKey*',
      'kms:Describe*',
    ],
    Resource: '*',
    Condition: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:airflow-${mwaaEnvironment}-*`,
      },
    },
  };
}
