import type { PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { keptAnswerMaxMinutes } from '../../../lambda/coverage/environment-facts.ts';
import type { SliceRecord } from '../../../lambda/ledger/marks.ts';
import { isSweep, type Lane } from '../../../lambda/model/windows.ts';
import { documentedLiteral } from '../plan.ts';
import type { Effect } from '../world/effect.ts';
import type { Invocation } from '../world/invocation.ts';
import { countsBehind, scannedIn } from './answers-behind.ts';
import { fine, type Invariant } from './invariant.ts';

interface ScannedSlice {
  readonly slice: SliceRecord;
  /** Whether its log group was covered, by all that whoever read it was told, and was scanned. */
  readonly isCovered: boolean;
}

export const zerosAreSeen: Invariant = {
  rule: 'a zero is put only after a Complete scan of a log group that is covered by an answer of the last hour, and that the statistics do not leave out',
  watch: () => {
    const scanned: ScannedSlice[] = [];
    const told = new ToldOfGroups();
    const problemOf = (lane: Lane, tickEpochMs: number, logGroup: string) => {
      const slices = scanned.filter(
        ({ slice }) =>
          slice.lane === lane && slice.tickEpochMs === tickEpochMs && slice.logGroup === logGroup,
      );
      if (slices.length === 0) return [`a zero of ${logGroup}, and nothing of it was scanned`];
      return slices.every(({ isCovered }) => isCovered)
        ? []
        : [`a zero of ${logGroup}, which was blind`];
    };
    return {
      see: (effect) => {
        told.note(effect);
        scanned.push(...judgedSlices(effect, told));
        if (effect.step !== 'PutMetricData' || effect.error !== undefined) return fine;
        const { MetricData = [] } = effect.input as PutMetricDataCommandInput;
        return MetricData.flatMap(({ MetricName, Value, Timestamp, Dimensions }) => {
          const logGroup = Dimensions?.find(({ Name }) => Name === 'LogGroup')?.Value;
          if (logGroup === undefined) return [];
          if (MetricName === 'LogGroupCovered') {
            return Value === 0 || told.isCovered(effect.invocation, logGroup)
              ? []
              : [`${logGroup} is said to be covered, and is not`];
          }
          const lane = MetricName === 'AddRoleMatches' ? 'documented' : 'scan';
          return Value === 0 ? problemOf(lane, Timestamp?.getTime() ?? 0, logGroup) : [];
        });
      },
    };
  },
};

function judgedSlices(effect: Effect, told: ToldOfGroups): ScannedSlice[] {
  const { invocation } = effect;
  return scannedIn(effect)
    .filter(({ lane }) => !isSweep(lane))
    .map((slice) => ({
      slice,
      // What an earlier invocation of the container left unfinished knew more than this one.
      isCovered:
        slice.tickEpochMs !== invocation.tickEpochMs ||
        (told.isCovered(invocation, slice.logGroup) && isCounted(effect, slice)),
    }));
}

/** Whether one of the counts of a slice came of as many log groups as were asked for, or found any. */
function isCounted(effect: Effect, slice: SliceRecord): boolean {
  return (
    slice.lane !== 'documented' ||
    countsBehind(effect, slice).some(
      ({ course, lines }) =>
        course.groupsDoubtful === 0 ||
        lines.some(
          ({ logGroup, message }) =>
            logGroup === slice.logGroup && message.includes(documentedLiteral),
        ),
    )
  );
}

type Question = 'written' | 'existing';

/** What the services said of the log groups: to an invocation itself, or to others before it. */
class ToldOfGroups {
  readonly #answers: {
    readonly question: Question;
    readonly tickEpochMs: number;
    readonly groups: ReadonlySet<string>;
  }[] = [];

  note({ step, invocation: { memory, tickEpochMs } }: Effect): void {
    const question =
      step === 'GetEnvironment' ? 'written' : step === 'DescribeLogGroups' ? 'existing' : undefined;
    if (question === undefined) return;
    const groups = memory[question];
    if (groups !== undefined) this.#answers.push({ question, tickEpochMs, groups });
  }

  /** An answer of this invocation is the one that counts; without one, any of the hour before may. */
  isCovered({ memory, tickEpochMs }: Invocation, logGroup: string): boolean {
    return (['written', 'existing'] as const).every((question) => {
      const own = memory[question];
      if (own !== undefined) return own.has(logGroup);
      return this.#answers.some(
        (answer) =>
          answer.question === question &&
          Math.abs(tickEpochMs - answer.tickEpochMs) <= keptAnswerMaxMinutes * 60_000 &&
          answer.groups.has(logGroup),
      );
    });
  }
}
