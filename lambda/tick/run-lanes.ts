import { deadlineIn, minuteMs } from '../common/time.ts';
import { bytesOfMark, type Mark } from '../ledger/marks.ts';
import type { MonitorState } from '../ledger/monitor-state.ts';
import { type Retreat, retreatSteps } from '../model/retreat.ts';
import { type Lane, lanes, packLanes } from '../model/windows.ts';
import { laneTarget } from '../plan/runtime-config.ts';
import type { PackTexts } from '../query/accepted-texts.ts';
import { finishedMarks, marksPastGaps, replaced } from '../record/claims.ts';
import { resolveWaiting } from '../record/record-slice.ts';
import type { TickContext } from '../record/tick-context.ts';
import { ensureMarks } from './ensure-marks.ts';
import {
  documentedLagSeconds,
  isLookingBack,
  type LanesResult,
  lanesResult,
  type QueryWork,
} from './lanes-result.ts';
import { type LaneTask, readLane } from './read-lane.ts';
import type { RetreatBook } from './retreat-book.ts';
import type { TickCoverage } from './tick-coverage.ts';

interface ReadingCare {
  readonly retreats: RetreatBook;
  /** Called between the documented query and the pack, which may end the run. */
  readonly afterDocumented: (lagSeconds: number | undefined) => Promise<void>;
  /**
   * Loads what is known about the pack's texts. Called after the documented query, which a failure here
   * must not stop.
   */
  readonly openTexts: () => Promise<PackTexts>;
  /** Called before each reading that may end the run, to notify people first. */
  readonly beforeRisk: (isLookingBack: boolean) => Promise<void>;
}

/** A lane of a log group in which an earlier run was killed. */
interface Risk {
  readonly lane: Lane;
  readonly logGroup: string;
  readonly retreat: Retreat;
}

/**
 * Reads what is due in every lane, one lane after the other.
 *
 * 1. The documented query, in at most half of the time if there is a pack: its counts are stored and
 *    published before any other query.
 * 2. The pack: the scan, then the sweeps, each as far as the time allows.
 * 3. One by one, the log groups in which an earlier run was killed, since they may kill this one. Counts
 *    among them have a share of the pack's time.
 *
 * Before 1 and 2, the claims of an interrupted invocation are finished, and what can never be read is
 * reported and skipped. A failure of the documented query does not stop the pack, nor the other way round.
 */
export async function readLanes(
  context: TickContext,
  known: TickCoverage,
  state: Pick<MonitorState, 'sliceMinutes' | 'lastTickEpochMs'>,
  { retreats, afterDocumented, openTexts, beforeRisk }: ReadingCare,
): Promise<LanesResult> {
  const { shell, tickEpochMs, scanDeadline } = context;
  const { timer, config } = shell;
  const { sliceMinutes } = state;
  const ofTick = { tickEpochMs, config };
  const { groups, existing } = known;
  const readable = new Set(groups.flatMap(({ logGroup, scan }) => (scan ? [logGroup] : [])));
  const covered = new Set(
    groups.flatMap(({ logGroup, blind, off }) => ((blind ?? off) === undefined ? [logGroup] : [])),
  );
  const factsOf = (logGroup: string) =>
    existing.kind === 'known' && readable.has(logGroup)
      ? existing.logGroups.get(logGroup)
      : undefined;
  const widthMaxMs = config.maxSliceMinutes * minuteMs;
  const hasPack = shell.plan.candidates.length > 0;
  const documented: QueryWork = { query: 'documented query', results: [], failures: [] };
  const pack: QueryWork = { query: 'pack of detections', results: [], failures: [] };
  const knownTexts: { opened?: PackTexts } = {};
  let marks: readonly Mark[] = [];
  let risky: readonly Risk[] = [];
  // Version 1 of the ledger has one width for all lanes: it applies until each lane has its own.
  const oldWidthMs = retreats.isEmpty && sliceMinutes ? sliceMinutes * minuteMs : widthMaxMs;
  try {
    marks = await ensureMarks(context, groups, existing, state);
    risky = risks(hasPack ? lanes : ['documented']);
    await readDocumented().catch(failed(documented, 'cannot go on'));
    if (hasPack) await putDocumentedLag().catch(failed(documented, 'its lag cannot be published'));
    await readPack().catch(failed(pack, 'cannot go on'));
  } catch (cause) {
    documented.failures.push(new Error('the positions of the log groups are unknown', { cause }));
  }
  const isRead = ({ lane }: Mark) => hasPack || lane === 'documented';
  return lanesResult(ofTick, {
    ...{ readable, marks: marks.filter(isRead), documented, pack },
    detectionsRefused: knownTexts.opened?.refusedCount,
    bytesOfMarks: marks.flatMap((mark) => bytesOfMark(mark) ?? []),
  });

  /** Leaves groups whose count killed a run even when read alone for the end of the tick. */
  async function readDocumented(): Promise<void> {
    const timeMs = scanDeadline.remainingMs() / (hasPack ? 2 : 1);
    const own = { ...context, scanDeadline: deadlineIn(timer, timeMs) };
    await settle(own, documented, ['documented']);
    const about = { scanTimeMs: timeMs, widthMaxMs };
    if (documented.failures.length === 0) {
      await read(own, { ...about, lane: 'documented', marks: ordinary('documented') });
    }
    for (const risk of risky.filter((one) => one.lane === 'documented' && !isDangerous(one))) {
      if (documented.failures.length === 0) await readAlone(own, about, risk);
    }
    // What kills the run from here on is not this lane's fault.
    await retreats.flush().catch(failed(documented, notStored));
  }

  async function putDocumentedLag(): Promise<void> {
    await afterDocumented(documentedLagSeconds(ofTick, { readable, marks, documented }));
  }

  async function readPack(): Promise<void> {
    await settle(context, pack, packLanes);
    if (hasPack) {
      await openTexts().then(
        (texts) => {
          knownTexts.opened = texts;
        },
        failed(pack, 'what is known about its texts cannot be read'),
      );
    }
    const ownWidthMs = Math.min(widthMaxMs, oldWidthMs);
    const asked = hasPack ? packLanes : [];
    const last = risky.filter((one) => one.lane !== 'documented' || isDangerous(one));
    // Even if the pack uses up its time in every run, these groups must be counted.
    const isCountLeft = last.some(({ lane }) => lane === 'documented');
    const timeMs = scanDeadline.remainingMs() * (isCountLeft ? 1 - lastCountsShare : 1);
    const own = { ...context, scanDeadline: deadlineIn(timer, timeMs) };
    const about = { scanTimeMs: timeMs, widthMaxMs: ownWidthMs };
    for (const lane of asked) {
      if (pack.failures.length > 0) break;
      const ordinaryMarks = ordinary(lane);
      // A sweep with a long backlog must leave time for the scan of the risky groups.
      const isShort = lane !== 'scan' && last.length > 0;
      await read(own, {
        ...about,
        lane,
        marks: ordinaryMarks,
        ...(isShort && { slicesMax: ordinaryMarks.length }),
      });
    }
    for (const risk of last) {
      if (workOf(risk.lane).failures.length > 0) continue;
      await retreats.flush().catch(failed(workOf(risk.lane), notStored));
      await beforeRisk(isLookingBack(inLane('scan')));
      await readAlone(risk.lane === 'documented' ? context : own, about, risk);
    }
    for (const lane of last.length > 0 ? asked : []) {
      if (lane === 'scan' || pack.failures.length > 0) continue;
      await read(context, { ...about, lane, marks: ordinary(lane) });
    }
    await retreats.flush().catch(failed(pack, notStored));
    // Without time left, the next tick does it: nothing is lost.
    if (pack.failures.length === 0 && scanDeadline.remainingMs() > 0) {
      const what = 'pending changes of unreadable log groups cannot be resolved';
      await waitNoLonger().catch(failed(pack, what));
    }
  }

  /** Finishes claims and, in lanes that are read, skips what is lost. */
  async function settle(
    own: TickContext,
    work: QueryWork,
    settledLanes: readonly Lane[],
  ): Promise<void> {
    const isOf = ({ lane }: Mark) => settledLanes.includes(lane);
    try {
      marks = replaced(marks, await finishedMarks(own, marks.filter(isOf), scanned()));
      if (!hasPack && work === pack) return;
      const place = { factsOf, scanned: scanned() };
      marks = replaced(marks, await marksPastGaps(own, marks.filter(isOf), place));
    } catch (cause) {
      failed(work, 'earlier claims and gaps cannot be finished')(cause);
    }
  }

  async function read(
    own: TickContext,
    task: Pick<LaneTask, 'lane' | 'marks' | 'scanTimeMs' | 'widthMaxMs' | 'alone' | 'slicesMax'>,
  ): Promise<void> {
    const work = workOf(task.lane);
    const about = { covered, factsOf, retreats, scanned: scanned() };
    const { opened: packTexts } = knownTexts;
    const result = await readLane(own, { ...about, ...task, ...(packTexts && { packTexts }) });
    work.results.push(result);
    marks = replaced(marks, result.marks);
    work.failures.push(...(result.failure ? [result.failure] : []));
  }

  async function readAlone(
    own: TickContext,
    about: Pick<LaneTask, 'scanTimeMs' | 'widthMaxMs'>,
    { lane, logGroup, retreat }: Risk,
  ): Promise<void> {
    const ownMarks = inLane(lane).filter((mark) => mark.logGroup === logGroup);
    await read(own, { ...about, lane, marks: ownMarks, alone: retreat });
  }

  /**
   * Reports a pending command even if its log group can never be read again: an attacker who changes a
   * privilege may delete the log next.
   */
  async function waitNoLonger(): Promise<void> {
    const patienceMs = patiencePeriods * config.everyMinutes * minuteMs;
    const horizonEpochMs = laneTarget('scan', tickEpochMs, config) - patienceMs;
    const still = inLane('scan').filter((mark) => mark.positionEpochMs < horizonEpochMs);
    for (const mark of still) await resolveWaiting(context, mark, horizonEpochMs);
  }

  function risks(ofLanes: readonly Lane[]): Risk[] {
    return (
      ofLanes
        .flatMap((lane) =>
          inLane(lane).flatMap(({ logGroup }) => {
            const retreat = retreats.of(lane, logGroup);
            return readable.has(logGroup) && retreat?.alone ? [{ lane, logGroup, retreat }] : [];
          }),
        )
        // The widest and least careful retreats first: the careful ones are the most dangerous.
        .toSorted((a, b) => b.retreat.widthSeconds - a.retreat.widthSeconds)
        .toSorted(
          (a, b) => retreatSteps.indexOf(a.retreat.step) - retreatSteps.indexOf(b.retreat.step),
        )
    );
  }

  function ordinary(lane: Lane): Mark[] {
    return inLane(lane).filter(
      ({ logGroup }) =>
        readable.has(logGroup) &&
        !risky.some((one) => one.lane === lane && one.logGroup === logGroup),
    );
  }

  function inLane(lane: Lane): Mark[] {
    return marks.filter((mark) => mark.lane === lane);
  }

  function scanned(): ReadonlyMap<string, number> {
    if (!hasPack) return new Map();
    return new Map(
      inLane('scan').map(({ logGroup, positionEpochMs }) => [logGroup, positionEpochMs]),
    );
  }

  function workOf(lane: Lane): QueryWork {
    return lane === 'documented' ? documented : pack;
  }
}

/** The part of the pack's time reserved for counts that are read last: more than a count needs. */
const lastCountsShare = 1 / 3;

const notStored = 'how carefully to read next cannot be stored';

/** How many periods a log group may stall before its pending commands are reported without an outcome. */
const patiencePeriods = 3;

/** Whether even one second of one log group killed a run: its count must not delay the pack. */
function isDangerous({ retreat }: Risk): boolean {
  return retreat.step !== 'whole';
}

function failed({ query, failures }: QueryWork, what: string): (cause: unknown) => void {
  return (cause) => {
    failures.push(new Error(`${query}: ${what}`, { cause }));
  };
}
