import { z } from 'zod';
import type { Check, Facts } from '../../facts/facts.ts';
import { roleNameOf } from '../../facts/role-facts.ts';
import {
  awsCommand,
  counted,
  fail,
  judge,
  pass,
  toDo,
  unanswered,
  undecided,
  unknown,
} from '../../shapes/judgement.ts';
import type { TrailEvent } from '../../shapes/log-shapes.ts';

/** Workers decrypt all the time: an hour without a refusal shows that they may. */
const enoughMs = 3_600_000;

/**
 * `AccessDenied`, and the errors of KMS for a key that cannot be used.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors
 */
const refusals =
  /^(AccessDenied|Disabled|KMSInvalidState|NotFound|KeyUnavailable|IncorrectKey)(Exception)?$/;

/** The fields that are read. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
const recordSchema = z.object({
  errorCode: z.string().nullish(),
  errorMessage: z.string().nullish(),
  userIdentity: z
    .object({
      arn: z.string().optional(),
      sessionContext: z
        .object({ sessionIssuer: z.object({ arn: z.string().optional() }).optional() })
        .optional(),
    })
    .optional(),
});

export const deniedDecrypts: Check = {
  id: 'denied-decrypts',
  area: 'account',
  title: 'CloudTrail shows no refused kms:Decrypt of the execution role',
  meaning:
    'AccessDenied on kms:Decrypt in CloudTrail is the symptom of a wrong key: log groups that still have an old key, or a key policy or role without the permission. A key that is disabled or pending deletion causes an error of its own.',
  look: (facts) => {
    const { environment, decryptEvents } = facts.observed;
    if (environment.kind !== 'known') return [unknown(environment)];
    const arn = environment.value.ExecutionRoleArn;
    if (arn === undefined) return [unanswered('airflow:GetEnvironment', 'ExecutionRoleArn')];
    return judge(decryptEvents, ({ events, sinceEpochMs }) => {
      const records = events.map((event) => recordOf(event));
      const refused = records.flatMap((record) => (record ? refusal(record, arn) : []));
      const [newest] = refused;
      const since = new Date(sinceEpochMs).toISOString();
      if (newest !== undefined) {
        return [
          fail(
            `refusals since ${since}: ${refused.length}, the last at ${newest.time}: ${newest.code}: ${newest.message}`,
            toDo(
              'Compare the key in the message with the environment’s key. If it is another one, a log group still has it (check log-group-keys); if it is the same, a permission is missing (checks key-policy-logs and role-kms).',
              lookUp(facts),
            ),
          ),
        ];
      }
      const unreadable = records.filter((record) => record === undefined).length;
      if (unreadable > 0) {
        const error = `${unreadable} of ${events.length} events cannot be read`;
        return [unknown({ kind: 'failed', action: 'cloudtrail:LookupEvents', error })];
      }
      if (facts.observed.nowEpochMs - sinceEpochMs < enoughMs) {
        return [
          undecided(
            `${counted(events.length, 'Decrypt event')} since ${since}, none of them refused, but there are too many to look back one hour`,
            toDo(
              'Query CloudTrail Lake or the trail’s bucket, or page further back.',
              lookUp(facts),
            ),
          ),
        ];
      }
      return [
        pass(
          `${counted(events.length, 'Decrypt event')} since ${since}, none of them refused to it`,
        ),
      ];
    });
  },
};

function lookUp({ observed }: Facts): string {
  return awsCommand(
    observed,
    'cloudtrail lookup-events',
    '--lookup-attributes AttributeKey=EventName,AttributeValue=Decrypt',
    "--query 'Events[].CloudTrailEvent' --output text | tr '\\t' '\\n' | grep errorCode",
  );
}

type DecryptRecord = z.output<typeof recordSchema> & { readonly time: string };

function recordOf({ CloudTrailEvent: text = '', EventTime = 'an unknown time' }: TrailEvent) {
  const record = recordSchema.safeParse(parseJson(text));
  return record.success ? { ...record.data, time: EventTime } : undefined;
}

function refusal(record: DecryptRecord, roleArn: string) {
  const { userIdentity, time } = record;
  const errorCode = record.errorCode ?? '';
  const errorMessage = record.errorMessage ?? '';
  if (!refusals.test(errorCode)) return [];
  const issuer = userIdentity?.sessionContext?.sessionIssuer?.arn;
  const session = userIdentity?.arn ?? '';
  const isRole =
    issuer === roleArn ||
    session.includes(`:assumed-role/${roleNameOf(roleArn)}/`) ||
    errorMessage.includes(`:assumed-role/${roleNameOf(roleArn)}/`);
  return isRole ? [{ time, code: errorCode, message: errorMessage }] : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
