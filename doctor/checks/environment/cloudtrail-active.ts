import type { Check } from '../../facts/facts.ts';
import {
  createTrail,
  recordManagementEvents,
  startLogging,
  trailName,
} from '../../facts/trails.ts';
import {
  awsCommand,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  unknown,
  warn,
} from '../../shapes/judgement.ts';
import type { EventSelectors, MissingPart, ObservedTrail } from '../../shapes/log-shapes.ts';
import type { Observed } from '../../shapes/observation.ts';

export const cloudtrailActive: Check = {
  id: 'cloudtrail-active',
  area: 'account',
  title: 'CloudTrail records what is done in this Region',
  meaning:
    'Only CloudTrail records who obtained an Airflow login token, changed a key or deleted a log group. Its event history ends after 90 days; a trail does not. Who uploaded a DAG is an S3 data event: the event history never has it, and a trail only if it is configured to.',
  look: ({ observed }) =>
    judge(observed.trails, (trails) => {
      const judged = trails.map((trail) => judgeTrail(observed, trail));
      const best = (['pass', 'warn', 'unknown', 'fail'] as const)
        .map((result) => judged.find((one) => one.result === result))
        .find((one) => one !== undefined);
      return [best ?? fail('no trail covers this Region', createTrail(observed))];
    }),
};

function judgeTrail(observed: Observed, trail: ObservedTrail): Judgement {
  const { status, selectors } = trail;
  const name = trailName(trail);
  if (status.kind !== 'known') return unknown(status);
  if (status.value.IsLogging === undefined) {
    return unanswered('cloudtrail:GetTrailStatus', 'IsLogging');
  }
  if (!status.value.IsLogging) {
    return fail(`${name} does not log`, toDo('Start logging.', startLogging(observed, name)));
  }
  const { LatestDeliveryError } = status.value;
  if (LatestDeliveryError !== undefined && LatestDeliveryError !== '') {
    return warn(
      `${name} logs, but cannot deliver: ${LatestDeliveryError}`,
      toDo(
        'Make sure that its bucket exists, and that the bucket’s policy and key let CloudTrail write.',
        awsCommand(observed, 'cloudtrail get-trail-status', `--name ${name}`),
      ),
    );
  }
  if (selectors.kind !== 'known') return unknown(selectors satisfies MissingPart);
  const recorded = managementEvents(selectors.value);
  const selectEvents = toDo(
    'Make it record all management events, including those of KMS. This replaces all selectors.',
    recordManagementEvents(observed, trail),
  );
  if (recorded === 'none') return warn(`${name} logs, but no management events`, selectEvents);
  if (recorded === 'some') {
    return warn(`${name} leaves out some management events, such as those of KMS`, selectEvents);
  }
  return pass(`${name} logs all management events`);
}

/**
 * How many of the management events a trail records.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
 */
function managementEvents({
  EventSelectors: basic = [],
  AdvancedEventSelectors: advanced = [],
}: EventSelectors): 'all' | 'some' | 'none' {
  const kinds = [
    ...basic.flatMap((selector) => {
      const { IncludeManagementEvents, ReadWriteType = 'All' } = selector;
      if (IncludeManagementEvents !== true) return [];
      const excluded = selector.ExcludeManagementEventSources ?? [];
      return [ReadWriteType === 'All' && excluded.length === 0 ? 'all' : 'some'] as const;
    }),
    ...advanced.flatMap(({ FieldSelectors: fields = [] }) => {
      const category = fields.find(({ Field }) => Field === 'eventCategory');
      if (!category?.Equals?.includes('Management')) return [];
      return [fields.length === 1 ? 'all' : 'some'] as const;
    }),
  ];
  if (kinds.includes('all')) return 'all';
  return kinds.length > 0 ? 'some' : 'none';
}
