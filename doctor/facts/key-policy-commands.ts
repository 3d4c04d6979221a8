import { shellWord } from '../../lambda/common/quote-shell-word.ts';
import { awsCommand, shellJson } from '../shapes/commands.ts';
import type { KeyPlace } from './key-policy-evaluation.ts';

const file = 'key-policy.json';

/** A jq expression: `$add` with a Sid that no statement of the policy has yet. */
const added = '[$add + {Sid: ($add.Sid + (.Statement | length | tostring))}]';

/** The commands that add a statement to a key's policy, which can only be replaced as a whole. */
export function addStatement(place: KeyPlace, statement: object): string[] {
  return changePolicy(place, `.Statement += ${added}`, `--argjson add ${shellJson(statement)} `);
}

/** The commands that replace all statements that allow only CloudWatch Logs with this one. */
export function replaceLogsStatements(place: KeyPlace, statement: object): string[] {
  const services = '[.Principal | objects | .Service // empty] | flatten';
  const letsLogsIn = `.Effect == "Allow" and (${services} | length > 0 and all(startswith("logs.")))`;
  return changePolicy(
    place,
    `.Statement += ${added} | .Statement |= map(select((${letsLogsIn} and (.Condition != $add.Condition or .Action != $add.Action)) | not))`,
    `--argjson add ${shellJson(statement)} `,
  );
}

/** The commands that remove the statements with this Sid from a key's policy. */
export function removeStatement(place: KeyPlace, sid: string): string[] {
  return changePolicy(
    place,
    '.Statement |= map(select(.Sid != $sid))',
    `--arg sid ${shellWord(sid)} `,
  );
}

/** The commands that get the policy, apply a `jq` filter to it, and put it back. */
export function changePolicy(place: KeyPlace, filter: string, options = ''): string[] {
  const key = `--key-id ${place.keyArn} --policy-name default`;
  return [
    awsCommand(place, 'kms get-key-policy', key, `--query Policy --output text > ${file}`),
    `jq ${options}${shellWord(filter)} ${file} > new-${file}`,
    awsCommand(place, 'kms put-key-policy', key, `--policy file://new-${file}`),
  ];
}

/** The statement that lets CloudWatch Logs encrypt an environment's log groups, and no others. */
export function allowLogsStatement(
  { partition, region, account }: KeyPlace,
  mwaaEnvironment: string,
) {
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
