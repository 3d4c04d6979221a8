import type { PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { dataOf, markView } from '../ledger-view.ts';
import { documentedQuery } from '../plan.ts';
import type { Write } from '../services/dynamo.ts';
import type { SimulatedQuery } from '../services/insights.ts';
import { readMessage } from '../services/sns.ts';
import { clockTime } from './chronicle.ts';
import type { Effect } from './effect.ts';

/** A call as a line of a schedule's story; undefined for one that changes nothing and tells nothing. */
export function storyOf(effect: Effect): string | undefined {
  const what = whatOf(effect);
  return what === undefined ? undefined : `#${effect.invocation.id}  ${what}`;
}

function whatOf({ step, input, writes, invocation }: Effect): string | undefined {
  const [write] = writes;
  switch (step) {
    case 'StartQuery':
      return queryStory(invocation.memory.queries.at(-1));
    case 'begin-mark':
    case 'claim-slice':
    case 'move-mark':
      return write && markStory(step, write);
    case 'save-finding':
    case 'claim-finding':
    case 'finding-told':
      return write?.after && findingStory(dataOf<FindingRecord>(write.after));
    case 'save-seen-events':
      return `keeps ${writes.length} lines as seen`;
    case 'Publish':
      return messageStory(input as PublishCommandInput);
    case 'PutEvents':
      return busStory(input as PutEventsCommandInput);
    case 'PutMetricData':
      return metricStory(input as MetricInput);
    default:
      return undefined;
  }
}

function queryStory(query: SimulatedQuery | undefined): string | undefined {
  if (query === undefined) return undefined;
  const { queryString, startSeconds, lastEpochMs, lines, groups, course } = query;
  const span = `${clockTime(startSeconds * 1000)} to ${clockTime(lastEpochMs)}`;
  const asked =
    queryString === documentedQuery
      ? queryString
      : `a pack text of ${queryString.length} characters`;
  return `asks ${asked} of ${groups.map(shortName).join(', ')} from ${span}: ${lines.length} lines, ${course.fate}`;
}

function markStory(step: string, { after, before }: Write): string | undefined {
  const mark = after && markView(after);
  if (mark === undefined) return undefined;
  const { lane, logGroup, positionEpochMs, claim } = mark;
  const place = `lane ${lane} of ${shortName(logGroup)}`;
  if (step === 'begin-mark') return `begins ${place} at ${clockTime(positionEpochMs)}`;
  if (claim === undefined) {
    const from = before && clockTime(markView(before).positionEpochMs);
    return `moves ${place} from ${from} to ${clockTime(positionEpochMs)}`;
  }
  const { outcome, endEpochMs, rows, matches, privilegeChanges } = claim;
  return `claims ${place} up to ${clockTime(endEpochMs)} (${outcome}): ${rows} rows, ${matches ?? 'no'} matches, ${privilegeChanges} changes`;
}

function findingStory({ finding, delivery }: FindingRecord): string {
  return `keeps finding ${finding.id.slice(0, 6)} (${delivery.status}, ${finding.severity}): ${finding.title.slice(0, 90)}`;
}

function messageStory(input: PublishCommandInput): string {
  const { kind, findings } = readMessage(input);
  return `publishes ${kind}: ${findings.map(({ id, title }) => title ?? id).join('; ')}`;
}

function busStory({ Entries = [] }: PutEventsCommandInput): string {
  const titles = Entries.map(({ Detail = '{}' }) => JSON.parse(Detail).title);
  return `puts ${Entries.length} events on the bus: ${titles.join('; ')}`;
}

interface MetricInput {
  readonly MetricData?: readonly {
    readonly MetricName?: string;
    readonly Value?: number;
    readonly Timestamp?: Date;
    readonly Dimensions?: readonly { readonly Name?: string; readonly Value?: string }[];
  }[];
}

function metricStory({ MetricData = [] }: MetricInput): string {
  const values = MetricData.flatMap(({ MetricName, Value, Dimensions }) => {
    const logGroup = Dimensions?.find(({ Name }) => Name === 'LogGroup')?.Value;
    return Value === 0
      ? []
      : [`${MetricName}${logGroup ? ` ${shortName(logGroup)}` : ''} ${Value}`];
  });
  const tick = clockTime(MetricData[0]?.Timestamp?.getTime() ?? 0);
  return `puts ${MetricData.length} values for ${tick}: ${values.join(', ')}`;
}

function shortName(logGroup: string): string {
  return logGroup.replace(/^airflow-\w+-/, '');
}
