import type { PolicyDocument } from '../policy/policy-document.ts';
import { judgePolicy } from '../policy/read-policy.ts';
import { type Judgement, judge, unanswered, unknown } from '../shapes/judgement.ts';
import type { KeyMetadata } from '../shapes/kms.ts';
import { environmentKey, type Facts } from './facts.ts';
import type { KeyPlace } from './key-policy-evaluation.ts';

export const awsOwnedKey =
  'the environment uses the AWS owned key: there is no key of yours to check';

/** Judges DescribeKey's answer about the environment's key. */
export function judgeKey(
  facts: Facts,
  whenKnown: (metadata: KeyMetadata, name: string) => readonly Judgement[],
): readonly Judgement[] | string {
  const { environment } = facts.observed;
  if (environment.kind !== 'known') return [unknown(environment)];
  if (facts.account === '') return [unanswered('airflow:GetEnvironment', 'Arn')];
  const own = environmentKey(facts);
  if (own === undefined) return awsOwnedKey;
  if (own.key === undefined) return [unanswered('kms:DescribeKey', `answer for ${own.name}`)];
  return judge(own.key.metadata, (metadata) => whenKnown(metadata, own.name));
}

/** Judges the policy of the environment's key. */
export function judgeKeyPolicy(
  facts: Facts,
  whenKnown: (policy: PolicyDocument, place: KeyPlace) => readonly Judgement[],
): readonly Judgement[] | string {
  const { environment } = facts.observed;
  if (environment.kind !== 'known') return [unknown(environment)];
  if (facts.account === '') return [unanswered('airflow:GetEnvironment', 'Arn')];
  const own = environmentKey(facts);
  if (own === undefined) return awsOwnedKey;
  if (own.key === undefined) return [unanswered('kms:GetKeyPolicy', `answer for ${own.name}`)];
  const place = placeOf(facts, own.arn ?? own.name);
  return judge(own.key.policy, (text) =>
    judgePolicy(text, 'the key policy', (policy) => whenKnown(policy, place)),
  );
}

/** @param keyArn a bare key ID works too, for policies whose resource is `*` */
export function placeOf({ observed, partition, account }: Facts, keyArn: string): KeyPlace {
  return { partition, region: observed.region, account, keyArn };
}

export function logGroupArn({ observed, partition, account }: Facts, name: string): string {
  return `arn:${partition}:logs:${observed.region}:${account}:log-group:${name}`;
}
