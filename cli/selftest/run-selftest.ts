import { logTypes } from '../../lambda/model/log-types.ts';
import { countMatches, readResultTime } from '../../lambda/query/match-counts.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { documentedDetectionId } from '../../queries/tools/load-detections.ts';
import { UserError } from '../common/output.ts';
import {
  askQuery,
  patience,
  type RawAnswer,
  type SelftestShell,
  throwIfInterrupted,
} from './call-logs.ts';
import { endTimeLogType, endTimeTimestamps } from './judge.ts';
import type { MonitorReader } from './monitor-reader.ts';
import {
  type CountObservation,
  cellsOf,
  type EndTimeAnswer,
  endTimeQueries,
  type Observation,
  type PackObservation,
} from './observation.ts';
import { neighbours, type Planting, planEvents, plantEvents, wholeSpan } from './planted-events.ts';
import type { ScratchGroups } from './scratch-groups.ts';

interface SelftestSetting {
  readonly scratch: ScratchGroups;
  readonly detections: readonly Detection[];
  readonly reader: MonitorReader;
  /** Called at the start of each stage, with its description. */
  readonly onStage: (stage: string) => void;
}

/** How long new log groups may take to be listed, and how often to check. */
const listedPatienceMs = 30_000;
const listedLookMs = 1_000;
/** For small differences between AWS's clocks. */
const passedMarginMs = 1_000;
/** How long events may take to become visible to queries, and how often to check. */
const visiblePatienceMs = 180_000;
const visibleLookMs = 2_000;

const countText = 'stats count() by @log';

/**
 * Creates the log groups, puts events into them, and observes everything about them that the
 * monitor relies on. The caller deletes the groups.
 *
 * @throws InterruptedError, SelftestFailure, or UserError when it cannot be completed
 */
export async function runSelftest(
  shell: SelftestShell,
  setting: SelftestSetting,
): Promise<Observation> {
  const { scratch, detections, reader, onStage } = setting;
  onStage('creating five log groups');
  await scratch.make();
  const createdEpochMs = await whenCreated(shell, scratch);
  const planting = planEvents(detections, createdEpochMs);
  const { slice, events } = planting;

  const lastEpochMs = events.at(-1)?.timestamp ?? createdEpochMs;
  const waitMs = lastEpochMs - createdEpochMs + passedMarginMs;
  onStage(`waiting ${Math.ceil(waitMs / 1000)} s until the events' times have passed`);
  await shell.timer.sleep(waitMs);
  throwIfInterrupted(shell);
  const empty = await askCount(shell, setting, planting);

  onStage(`putting ${events.length} events`);
  const putMs = shell.timer.monotonicMs();
  await plantEvents(shell, scratch, events);
  onStage('waiting until queries find all events');
  await untilVisible(shell, setting, planting);
  const visibleAfterSeconds = Math.round((shell.timer.monotonicMs() - putMs) / 100) / 10;

  onStage(`visible after ${visibleAfterSeconds} s; running the documented query and the pack`);
  const ask = (queryString: string, doing: string, limit?: number) =>
    askQuery(shell, {
      ...{ doing, queryString, logGroups: scratch.names },
      ...{ startTime: slice.startEpochMs / 1000, endTime: slice.endEpochMs / 1000 },
      ...(limit !== undefined && { limit }),
    });
  const documentedText = reader.documentedQuery;
  const documented = await ask(documentedText, 'running the documented query');
  const packString = reader.wholeText.queryString;
  const pack = await ask(packString, "running the pack's query");

  onStage('reading three slices as the deployed function does');
  const [before, after] = neighbours(slice);
  const packSlices: PackObservation[] = [];
  const countedSlices: CountObservation[] = [];
  for (const [name, window] of [
    ['before', before],
    ['the slice', slice],
    ['after', after],
  ] as const) {
    countedSlices.push({ ...(await reader.count(window)), slice: name });
    // If the pack is accepted but fails, no single detection is at fault, and nothing can be read.
    if (pack.kind !== 'failed') packSlices.push(await reader.readPack(window));
  }
  const { refused, isPackRefused, texts } = reader;
  const [most] = texts;
  const answer =
    pack.kind === 'refused' && most !== undefined
      ? await ask(most.queryString, 'running the pack without refused detections')
      : pack;

  onStage('testing how far endTime reaches');
  const endTime = await askEndTime(shell, setting, planting);
  const one = texts.flatMap((text) => text.detections).find((id) => id !== documentedDetectionId);
  const many = one === undefined ? undefined : reader.textOfOne(one);
  const manyRows = many && (await ask(many.queryString, 'requesting 100,000 rows', many.rowsMax));
  return {
    ...{ planting, visibleAfterSeconds, packSlices, countedSlices },
    ...{ refused, isPackRefused },
    documented: { name: 'documented', queryString: documentedText, answer: documented },
    pack: { name: 'pack', queryString: packString, answer: pack },
    ...{ answer, endTime, empty, manyRows },
  };
}

async function whenCreated(shell: SelftestShell, scratch: ScratchGroups): Promise<number> {
  const deadline = patience(shell, listedPatienceMs);
  for (;;) {
    const createdEpochMs = await scratch.createdEpochMs();
    if (createdEpochMs !== undefined) return createdEpochMs;
    if (deadline.remainingMs() === 0) {
      throwIfInterrupted(shell);
      throw new UserError(
        `DescribeLogGroups does not list the new log groups after ${listedPatienceMs / 1000} s`,
      );
    }
    await shell.timer.sleep(listedLookMs);
  }
}

function askCount(
  shell: SelftestShell,
  { scratch }: SelftestSetting,
  { slice }: Planting,
): Promise<RawAnswer> {
  return askQuery(shell, {
    ...{ doing: 'counting events', queryString: countText, logGroups: scratch.names },
    ...wholeSpan(slice),
  });
}

async function untilVisible(
  shell: SelftestShell,
  setting: SelftestSetting,
  planting: Planting,
): Promise<void> {
  const deadline = patience(shell, visiblePatienceMs);
  let reported = '';
  for (;;) {
    const answer = await askCount(shell, setting, planting);
    if (answer.kind === 'refused') {
      throw new UserError(`AWS refuses even "${countText}": ${answer.message}`);
    }
    const missing = missingOf(answer, setting.scratch, planting).join('; ');
    if (missing === '') return;
    if (deadline.remainingMs() === 0) {
      throwIfInterrupted(shell);
      throw new UserError(
        `not all events are visible to queries ${visiblePatienceMs / 1000} s after they were put (${missing})`,
      );
    }
    if (missing !== reported) setting.onStage(`not all are visible yet: ${missing}`);
    reported = missing;
    await shell.timer.sleep(visibleLookMs);
  }
}

function missingOf(answer: RawAnswer, scratch: ScratchGroups, { events }: Planting): string[] {
  if (answer.kind !== 'answered') return [answer.message];
  const { counts } = countMatches(answer.rows, scratch.names);
  return logTypes.flatMap((logType) => {
    const found = counts.get(scratch.nameOf(logType)) ?? 0;
    const put = events.filter((event) => event.logType === logType).length;
    return found < put ? [`${scratch.nameOf(logType)}: ${found} of ${put}`] : [];
  });
}

async function askEndTime(
  shell: SelftestShell,
  { scratch }: SelftestSetting,
  { slice, events }: Planting,
): Promise<EndTimeAnswer[]> {
  const ends = new Set(endTimeTimestamps(events));
  const answers: EndTimeAnswer[] = [];
  for (const query of endTimeQueries(slice)) {
    const { name, startTime, endTime } = query;
    const answer = await askQuery(shell, {
      doing: `querying the times ${name}`,
      queryString: 'fields @timestamp, @message | sort @timestamp asc | limit 10000',
      ...{ logGroups: [scratch.nameOf(endTimeLogType)], startTime, endTime },
    });
    if (answer.kind !== 'answered') {
      answers.push({ ...query, ...answer });
      continue;
    }
    const timestamps = answer.rows.flatMap((row) => {
      const time = readResultTime(cellsOf(row).get('@timestamp') ?? '');
      return time !== undefined && ends.has(time) ? [time] : [];
    });
    answers.push({ ...query, kind: 'answered', timestamps: [...new Set(timestamps)] });
  }
  return answers;
}
