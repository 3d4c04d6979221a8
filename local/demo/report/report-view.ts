import type { Finding } from '../../../lambda/model/finding.ts';
import { type Severity, severities } from '../../../lambda/model/severity.ts';
import type { AlarmResult, FindingResult, LogGroupResult } from '../result/demo-result.ts';
import type { ChartSpan } from './time-axis.ts';

/** A finding as the report shows it, of a demo or of a replay. */
export type ShownFinding = Pick<
  Finding,
  | 'id'
  | 'severity'
  | 'title'
  | 'outcome'
  | 'firstSeen'
  | 'late'
  | 'detections'
  | 'actor'
  | 'evidence'
> &
  Pick<FindingResult, 'target' | 'role' | 'logGroup'> &
  Partial<Pick<FindingResult, 'notifiedAs'>>;

/** A log group as the report shows it; what only a demo knows is absent in a replay. */
export type ShownGroup = Pick<
  LogGroupResult,
  'logGroup' | 'events' | 'eventsWithAddRole' | 'findings'
> &
  Partial<
    Pick<LogGroupResult, 'sumOfMatches' | 'alarmedEpochMs' | 'notifiedEpochMs' | 'lateWithAddRole'>
  > & {
    /** The bars of its row in the chart of matches. */
    readonly bars: readonly MatchBar[];
  };

/** The number of events with add-role in a span of time, as a tick or a query counted them. */
export interface MatchBar {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly matches: number;
}

/** What every report shows: the findings, and the log groups that they come from. */
export interface ReportInput {
  readonly mwaaEnvironment: string;
  readonly findings: readonly ShownFinding[];
  readonly logGroups: readonly ShownGroup[];
  /** All alarms of a demo. @default none */
  readonly alarms?: readonly AlarmResult[];
  /** The time that the charts show, in whole milliseconds. */
  readonly span: ChartSpan;
}

/** A value that findings can be filtered by, with how many have it. */
interface Choice<T extends string = string> {
  readonly value: T;
  readonly count: number;
  /** The class of the findings that have it. */
  readonly className: string;
}

/** A finding with its links to the other parts of the page. All ids are made here, none by a log. */
export interface FindingView extends ShownFinding {
  readonly anchor: string;
  /** Its mark in the chart. */
  readonly markAnchor: string;
  readonly classNames: readonly string[];
  readonly group?: GroupView;
  /** The next finding in the same log group, the first after the last. @default - it is the only one */
  readonly nextInGroup?: string;
}

export interface GroupView extends ShownGroup {
  readonly anchor: string;
  readonly className: string;
  readonly firstFinding?: string;
  /** The alarms that watch it. */
  readonly alarms: readonly AlarmView[];
}

export interface AlarmView extends AlarmResult {
  readonly anchor: string;
  readonly groupAnchor?: string;
}

/** The data of the page, with the links between its parts. */
export interface ReportView {
  readonly findings: readonly FindingView[];
  readonly groups: readonly GroupView[];
  readonly alarms: readonly AlarmView[];
  readonly severityChoices: readonly Choice<Severity>[];
  readonly detectionChoices: readonly Choice[];
  readonly groupChoices: readonly Choice[];
}

/** The detection in whose row of the chart a finding is. */
export function mainDetection({ detections }: Pick<ShownFinding, 'detections'>): string {
  return detections[0] ?? 'in a digest';
}

/** Highest severity first; `info` is never a finding. */
export const shownSeverities = severities.toReversed().filter((severity) => severity !== 'info');

/** Links findings, log groups and alarms to each other, and counts what they can be filtered by. */
export function reportView(input: ReportInput): ReportView {
  const { findings } = input;
  const severityChoices = shownSeverities.map((value) => ({
    value,
    count: findings.filter(({ severity }) => severity === value).length,
    className: `s-${value}`,
  }));
  const detectionChoices = choicesOf(
    findings.flatMap((finding) => [...new Set([mainDetection(finding), ...finding.detections])]),
    'd',
  );
  const groupChoices = choicesOf(
    findings.flatMap(({ logGroup }) => (logGroup === undefined ? [] : [logGroup])),
    'g',
  );
  const anchors = findings.map(anchorOf);
  const nextInGroup = nextAnchors(findings, anchors);
  const alarms = (input.alarms ?? []).map((alarm, index): AlarmView => {
    const at = input.logGroups.findIndex(({ logGroup }) => logGroup === alarm.logGroup);
    return { ...alarm, anchor: `alarm-${index}`, ...(at >= 0 && { groupAnchor: `group-${at}` }) };
  });
  const groups = input.logGroups.map((group, index): GroupView => {
    const first = findings.findIndex(({ logGroup }) => logGroup === group.logGroup);
    const choice = groupChoices.find(({ value }) => value === group.logGroup);
    return {
      ...group,
      anchor: `group-${index}`,
      className: choice?.className ?? 'g-none',
      ...(anchors[first] !== undefined && { firstFinding: anchors[first] }),
      alarms: alarms.filter(({ logGroup }) => logGroup === group.logGroup),
    };
  });
  const views = findings.map((finding, index): FindingView => {
    const group = groups.find(({ logGroup }) => logGroup === finding.logGroup);
    const next = nextInGroup[index];
    const own = [mainDetection(finding), ...finding.detections];
    return {
      ...finding,
      anchor: anchors[index] ?? '',
      markAnchor: `mark-${index}`,
      classNames: [
        `s-${finding.severity}`,
        ...detectionChoices
          .filter(({ value }) => own.includes(value))
          .map(({ className }) => className),
        ...groupChoices
          .filter(({ value }) => value === finding.logGroup)
          .map(({ className }) => className),
      ],
      ...(group && { group }),
      ...(next !== undefined && { nextInGroup: next }),
    };
  });
  return { findings: views, groups, alarms, severityChoices, detectionChoices, groupChoices };
}

/** Each value once, the most frequent first. */
function choicesOf(values: readonly string[], prefix: string): Choice[] {
  return [...Map.groupBy(values, (value) => value)]
    .map(([value, all]) => ({ value, count: all.length }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .map((choice, index) => ({ ...choice, className: `${prefix}${index}` }));
}

/** The same for the same finding in every report; by position for an id of another form. */
function anchorOf({ id }: ShownFinding, index: number): string {
  return /^[0-9a-f]{32}$/.test(id) ? `finding-${id}` : `finding-${index}`;
}

/** By position of a finding, the anchor of the next one in its log group, if there is another. */
function nextAnchors(
  findings: readonly ShownFinding[],
  anchors: readonly string[],
): (string | undefined)[] {
  const next: (string | undefined)[] = [];
  for (const [logGroup, positions] of Map.groupBy(
    findings.keys(),
    (at) => findings[at]?.logGroup,
  )) {
    if (logGroup === undefined || positions.length === 1) continue;
    for (const [index, at] of positions.entries()) {
      next[at] = anchors[positions[(index + 1) % positions.length] ?? 0];
    }
  }
  return next;
}

/**
 * The rules that hide the findings that the filters do not choose, in the list and in the chart. The page has no script: a checked box
 * or a chosen option hides the others. A finding that a link leads to is shown whatever is chosen.
 */
export function filterRules({
  severityChoices,
  detectionChoices,
  groupChoices,
}: ReportView): string {
  const hidden = [
    ...severityChoices.map(
      ({ className }) => `main:has(#only-${className}:not(:checked)) .filtered.${className}`,
    ),
    ...[...detectionChoices, ...groupChoices].map(
      ({ className }) => `main:has(#only-${className}:checked) .filtered:not(.${className})`,
    ),
  ].map((selector) => `${selector}:not(:target):not(:has(:target))`);
  return hidden.length === 0 ? '' : `${hidden.join(',\n')} { display: none; }`;
}
