import type { Check } from '../../facts/facts.ts';
import { isDeployed, notDeployed } from '../../facts/monitor-parts.ts';
import {
  createTrail,
  recordManagementEvents,
  startLogging,
  trailName,
} from '../../facts/trails.ts';
import {
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  unknown,
  warn,
} from '../../shapes/judgement.ts';
import type { EventSelectors, ObservedTrail } from '../../shapes/log-shapes.ts';
import type { Observed } from '../../shapes/observation.ts';

export const tamperNotices: Check = {
  id: 'tamper-notices',
  area: 'monitor',
  title: 'A trail feeds the notices of changes of the monitor',
  meaning:
    'EventBridge gets the calls that change or silence the monitor from CloudTrail, and only while a trail of this Region records write management events. Without one nobody is notified of such a change.',
  look: ({ observed }) => {
    if (!isDeployed(observed)) return notDeployed;
    return judge(observed.trails, (trails) => {
      const unread = trails.flatMap(unreadOf);
      const feeding = trails.flatMap((trail) => {
        const left = leftOut(trail);
        return left === undefined ? [] : [{ trail, left }];
      });
      const whole = feeding.find(({ left }) => left.length === 0);
      if (whole) return [pass(`${trailName(whole.trail)} records write management events`)];
      const [part] = feeding;
      if (part) {
        return [
          warn(
            `${trailName(part.trail)} records write management events, but none of ${part.left.join(', ')}: nobody is notified if somebody disables the monitor's key`,
            recordAll(observed, part.trail),
          ),
        ];
      }
      const [missing] = unread;
      if (missing) return [missing];
      return [
        warn(
          'no trail of this Region records write management events: nobody is notified if somebody changes or silences the monitor',
          trails[0] ? recordAll(observed, trails[0]) : createTrail(observed),
        ),
      ];
    });
  },
};

/** Why it is not known what a trail records; nothing for one that does not log. */
function unreadOf({ status, selectors }: ObservedTrail): Judgement[] {
  if (status.kind !== 'known') return [unknown(status)];
  const { IsLogging } = status.value;
  if (IsLogging === undefined) return [unanswered('cloudtrail:GetTrailStatus', 'IsLogging')];
  return IsLogging && selectors.kind !== 'known' ? [unknown(selectors)] : [];
}

/** Services whose events the trail leaves out; undefined when it records no write events, or is not known. */
function leftOut({ status, selectors }: ObservedTrail): readonly string[] | undefined {
  if (status.kind !== 'known' || selectors.kind !== 'known') return undefined;
  return status.value.IsLogging === true ? writesLeftOut(selectors.value) : undefined;
}

function writesLeftOut({
  EventSelectors: basic = [],
  AdvancedEventSelectors: advanced = [],
}: EventSelectors): readonly string[] | undefined {
  const recorded = [
    ...basic.flatMap((selector) => {
      const { IncludeManagementEvents, ReadWriteType = 'All' } = selector;
      if (IncludeManagementEvents !== true || ReadWriteType === 'ReadOnly') return [];
      return [selector.ExcludeManagementEventSources ?? []];
    }),
    ...advanced.flatMap(({ FieldSelectors: fields = [] }) => {
      const of = (name: string) => fields.find(({ Field }) => Field === name);
      if (!of('eventCategory')?.Equals?.includes('Management')) return [];
      if (of('readOnly')?.Equals?.includes('true')) return [];
      const others = fields.filter(
        ({ Field = '' }) => !['eventCategory', 'readOnly'].includes(Field),
      );
      return [others.map(({ Field = 'a field' }) => `what its selector of ${Field} leaves out`)];
    }),
  ];
  return recorded.toSorted((one, other) => one.length - other.length)[0];
}

function recordAll(observed: Observed, trail: ObservedTrail) {
  return toDo(
    'Make the trail log, and record all write management events. This replaces all its selectors.',
    startLogging(observed, trailName(trail)),
    recordManagementEvents(observed, trail),
  );
}
