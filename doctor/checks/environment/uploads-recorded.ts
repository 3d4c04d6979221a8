import { type Check, type Facts, judgeBuckets } from '../../facts/facts.ts';
import { trailName } from '../../facts/trails.ts';
import {
  awsCommand,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  unknown,
  warn,
} from '../../shapes/judgement.ts';
import type { EventSelectors, ObservedTrail } from '../../shapes/log-shapes.ts';

export const uploadsRecorded: Check = {
  id: 'uploads-recorded',
  area: 'account',
  title: 'A trail records who uploads DAGs',
  meaning:
    'Who uploads a DAG can make anybody Airflow Admin. S3 stores when a file was uploaded, not by whom: that is a data event, which CloudTrail’s event history never has, and a trail only if it is set to.',
  look: (facts) =>
    judgeBuckets(facts, (_, name) =>
      judge(facts.observed.trails, (trails) => {
        const judged = trails.map((trail) => judgeTrail(facts, trail, name));
        const best = (['pass', 'unknown', 'warn'] as const)
          .map((result) => judged.find((one) => one.result === result))
          .find((one) => one !== undefined);
        return [best ?? warn(`${unrecorded(name)}: no trail covers this Region`, whereElse)];
      }),
    ),
};

const unrecorded = (name: string) => `nobody can find out who uploads files to ${name}`;

/** What this check cannot see. */
const whereElse = toDo(
  'Create a trail and let it record the write events of the bucket, or an event data store of CloudTrail Lake, which this check does not look for.',
);

function judgeTrail({ observed }: Facts, trail: ObservedTrail, bucket: string): Judgement {
  const { status, selectors } = trail;
  const name = trailName(trail);
  if (status.kind !== 'known') return unknown(status);
  if (status.value.IsLogging === undefined) {
    return unanswered('cloudtrail:GetTrailStatus', 'IsLogging');
  }
  if (selectors.kind !== 'known') return unknown(selectors);
  const [, partition = 'aws'] = name.split(':');
  const objects = `arn:${partition}:s3:::${bucket}/`;
  const recorded = writesRecorded(selectors.value, objects);
  if (status.value.IsLogging && recorded === 'all') {
    return pass(`${name} records who writes to ${bucket}`);
  }
  const evidence = !status.value.IsLogging
    ? `${unrecorded(bucket)}: ${name} does not log`
    : recorded === 'some'
      ? `${name} records who writes to a part of ${bucket} only`
      : `${unrecorded(bucket)}: ${name} does not record who writes there`;
  return warn(
    evidence,
    toDo(
      'Let the trail record them, which CloudTrail bills by the event; this replaces all of its selectors. An event data store of CloudTrail Lake may record them instead, which this check does not look for.',
      awsCommand(
        observed,
        'cloudtrail put-event-selectors',
        `--trail-name ${name}`,
        `--event-selectors '[{"ReadWriteType":"All","IncludeManagementEvents":true},{"ReadWriteType":"WriteOnly","IncludeManagementEvents":false,"DataResources":[{"Type":"AWS::S3::Object","Values":["${objects}"]}]}]'`,
      ),
    ),
  );
}

const s3Objects = 'AWS::S3::Object';

/**
 * How many of the writes to a bucket's objects a trail records.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 *
 * @param objects what the ARNs of the bucket's objects begin with
 */
export function writesRecorded(
  { EventSelectors: basic = [], AdvancedEventSelectors: advanced = [] }: EventSelectors,
  objects: string,
): 'all' | 'some' | 'none' {
  const starts = [
    ...basic.flatMap(({ ReadWriteType = 'All', DataResources = [] }) =>
      ReadWriteType === 'ReadOnly'
        ? []
        : DataResources.filter(({ Type }) => Type === s3Objects).flatMap(
            ({ Values = [] }) => Values,
          ),
    ),
    ...advanced.flatMap(({ FieldSelectors = [] }) => startsOf(FieldSelectors)),
  ];
  if (starts.some((start) => objects.startsWith(start))) return 'all';
  return starts.some((start) => start.startsWith(objects)) ? 'some' : 'none';
}

type FieldSelectors = NonNullable<
  NonNullable<EventSelectors['AdvancedEventSelectors']>[number]['FieldSelectors']
>;

/** The starts of ARNs whose writes a selector records without exception; empty if there are exceptions. */
function startsOf(fields: FieldSelectors): readonly string[] {
  const field = (name: string) => fields.find(({ Field }) => Field === name);
  const isData = field('eventCategory')?.Equals?.includes('Data') ?? false;
  const isOfObjects = field('resources.type')?.Equals?.includes(s3Objects) ?? false;
  const readOnly = field('readOnly');
  const withWrites = readOnly === undefined || (readOnly.Equals?.includes('false') ?? false);
  const known = ['eventCategory', 'resources.type', 'readOnly', 'resources.ARN'];
  const arn = field('resources.ARN');
  const hasExceptions =
    fields.some(({ Field = '' }) => !known.includes(Field)) ||
    [arn?.NotEquals, arn?.NotStartsWith, arn?.NotEndsWith, arn?.EndsWith].some(
      (values) => values !== undefined && values.length > 0,
    );
  if (!isData || !isOfObjects || !withWrites || hasExceptions) return [];
  return arn === undefined ? [''] : [...(arn.StartsWith ?? []), ...(arn.Equals ?? [])];
}
