import {
  guard,
  guarded,
  type Match,
  type MonitorParts,
  type TamperSubject,
  tamperSubjects,
} from './tampering.ts';

/** The id of a resource in the stack, for each part that CloudFormation names. */
export interface LogicalIds {
  readonly scanner: string;
  readonly role: string;
  readonly schedule: string;
  readonly table: string;
  readonly queues: readonly string[];
  readonly topics: readonly string[];
  /** @default there is no witness */
  readonly witness?: {
    readonly function: string;
    readonly role: string;
    readonly schedule: string;
  };
}

const longestTopicPlace = 'arn:aws-iso-b:sns:ap-southeast-1:111122223333:';

/**
 * The parts of a monitor with names as long as CloudFormation may make them: stack, logical id and
 * twelve characters of its own, cut where the service allows less.
 */
export function longestParts(
  { mwaaEnvironment, names, busName }: Pick<MonitorParts, 'mwaaEnvironment' | 'names' | 'busName'>,
  stackName: string,
  ids: LogicalIds,
): MonitorParts {
  const longest = (id: string, charactersMax: number) =>
    `${stackName}-${id}-${'x'.repeat(12)}`.slice(0, charactersMax);
  return {
    ...{ mwaaEnvironment, names, stackName },
    ...(busName !== undefined && { busName }),
    functionName: longest(ids.scanner, 64),
    roleName: longest(ids.role, 64),
    scheduleName: longest(ids.schedule, 64),
    tableName: longest(ids.table, 255),
    keyId: '00000000-0000-4000-8000-000000000000',
    queueNames: ids.queues.map((id) => longest(id, 80)),
    topicNames: ids.topics.map((id) => longest(id, 256)),
    topicArns: ids.topics.map((id) => `${longestTopicPlace}${longest(id, 256)}`),
    ...(ids.witness && {
      witness: {
        functionName: longest(ids.witness.function, 64),
        roleName: longest(ids.witness.role, 64),
        scheduleName: longest(ids.witness.schedule, 64),
      },
    }),
  };
}

export interface TamperRule {
  /** A part of its name, and its id in the stack. */
  readonly number: number;
  readonly subjects: readonly TamperSubject[];
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const patternCharactersMax = 2_048;

/**
 * The subjects in as few rules as their patterns fit into: all monitors of an account and Region share the
 * 300 rules of an event bus.
 *
 * @param longest the parts with names as long as CloudFormation may make them; those of `parts` are
 *   known after the deployment only
 */
export function tamperRules(parts: MonitorParts, longest: MonitorParts): TamperRule[] {
  const subjects = tamperSubjects(parts);
  const longestFirst = tamperSubjects(longest).toSorted(
    (one, other) => lengthOf([other]) - lengthOf([one]),
  );
  return fewestBins(longestFirst).map((bin, index) => ({
    number: index + 1,
    subjects: subjects.filter(({ part }) => holds(bin, part)),
  }));
}

type Bin = readonly TamperSubject[];

/** Tries every distribution over one rule, then over two, and so on: there are about ten subjects. */
function fewestBins(subjects: readonly TamperSubject[]): readonly Bin[] {
  for (let binsMax = 1; ; binsMax += 1) {
    const found = distributed(subjects, [], binsMax);
    if (found !== undefined) return found;
  }
}

function distributed(
  [subject, ...rest]: readonly TamperSubject[],
  bins: readonly Bin[],
  binsMax: number,
): readonly Bin[] | undefined {
  if (subject === undefined) return bins;
  for (const [at, bin] of bins.entries()) {
    if (!fits(bin, subject)) continue;
    const found = distributed(rest, bins.with(at, [...bin, subject]), binsMax);
    if (found !== undefined) return found;
  }
  return bins.length < binsMax ? distributed(rest, [...bins, [subject]], binsMax) : undefined;
}

function fits(bin: Bin, subject: TamperSubject): boolean {
  const together = [...bin, subject];
  if (holds(together, guard) && holds(together, guarded)) return false;
  return (
    lengthOf(together) <= patternCharactersMax &&
    combinationsOf(tamperPattern({ subjects: together })) <= combinationsMax
  );
}

/** EventBridge refuses a pattern for which the lengths of all `$or` multiply to more. */
export const combinationsMax = 1000;

/** The product of the lengths of all `$or` in a pattern. */
export function combinationsOf(pattern: unknown): number {
  if (typeof pattern !== 'object' || pattern === null) return 1;
  return Object.entries(pattern)
    .map(([key, value]) => combinationsOf(value) * (key === '$or' ? value.length : 1))
    .reduce((product, factor) => product * factor, 1);
}

function holds(subjects: Bin, sought: string): boolean {
  return subjects.some(({ part }) => part === sought);
}

function lengthOf(subjects: readonly TamperSubject[]): number {
  return JSON.stringify(tamperPattern({ subjects })).length;
}

export const awsSourcePrefix = 'aws.';
export const callDetailType = 'AWS API Call via CloudTrail';

/**
 * The event pattern of a rule.
 *
 * What CloudFormation does to deploy the monitor is left out: an update of the stack is one call of a
 * person or a pipeline, which is reported, and dozens of calls of CloudFormation. Its address cannot be
 * forged either. Nobody but AWS can send an event whose source begins with `aws.`.
 */
export function tamperPattern({ subjects }: Pick<TamperRule, 'subjects'>) {
  const watched = subjects.flatMap((subject) => subject.watched);
  const isAlways = ({ evenByCloudFormation = false }) => evenByCloudFormation;
  const byOthers = watched.filter((calls) => !isAlways(calls)).map(callPattern);
  const always = watched.filter(isAlways).map(callPattern);
  const alternatives = [
    ...(byOthers.length === 0
      ? []
      : [
          {
            sourceIPAddress: [{ 'anything-but': 'cloudformation.amazonaws.com' }],
            ...anyOf(byOthers),
          },
        ]),
    ...always,
  ];
  return {
    source: [{ prefix: awsSourcePrefix }],
    'detail-type': [callDetailType],
    detail: anyOf(alternatives),
  };
}

function callPattern({ service, calls, named }: TamperSubject['watched'][number]) {
  return {
    eventSource: [`${service}.amazonaws.com`],
    eventName: calls,
    ...(named && {
      requestParameters: anyOf(
        Object.entries(named).map(([path, matches]) => nested(path.split('.'), matches)),
      ),
    }),
  };
}

function anyOf(patterns: readonly object[]): object {
  const [only] = patterns;
  return patterns.length === 1 && only !== undefined ? only : { $or: patterns };
}

function nested([first = '', ...rest]: readonly string[], matches: readonly Match[]): object {
  return { [first]: rest.length === 0 ? matches : nested(rest, matches) };
}
