import { hourMs } from '../../../lambda/common/time.ts';
import type { Lane } from '../../../lambda/model/windows.ts';
import { marksIn, slicesIn } from '../ledger-view.ts';
import type { StoredLine } from '../log-line.ts';
import { documentedQuery } from '../plan.ts';
import type { SimulatedQuery } from '../services/insights.ts';
import type { World } from '../world/world.ts';

/** Counts the special lines that queries returned, and special positions of slices. */
export function watchEvents(world: World): void {
  const counted = new WeakSet<SimulatedQuery>();
  world.observers.push(({ step, input }) => {
    if (step !== 'GetQueryResults') return;
    const query = world.insights.query((input as { queryId: string }).queryId);
    if (!query.answered || counted.has(query) || query.queryString === documentedQuery) return;
    counted.add(query);
    countQuery(world, query);
  });
}

function countQuery({ strikes }: World, query: SimulatedQuery): void {
  const { lines, startSeconds, endSeconds, lastEpochMs, isCutOff, groups } = query;
  const isSecond = endSeconds - startSeconds <= 1;
  if (isCutOff && !isSecond) strikes.count('rows-cut-off');
  if (isCutOff && isSecond && groups.length === 1) strikes.count('flood');
  const seen = new Map<string, StoredLine>();
  for (const line of lines) {
    const name = nameOf(line);
    if (line.hostile !== undefined) strikes.countOnce(line.hostile, name);
    const isEdge = line.epochMs === startSeconds * 1000 || line.epochMs === lastEpochMs;
    if (isEdge) strikes.countOnce('event-on-a-window-edge', name);
    if (line.visibleEpochMs - line.epochMs >= hourMs) strikes.countOnce('event-hours-late', name);
    const moment = `${line.logStream} ${line.epochMs}`;
    const before = seen.get(moment);
    if (before !== undefined) {
      const isSame = before.message === line.message;
      strikes.countOnce(isSame ? 'identical-events' : 'events-in-the-same-millisecond', name);
    }
    seen.set(moment, line);
  }
}

function nameOf({ logGroup, logStream, epochMs, message }: StoredLine): string {
  return `${logGroup} ${logStream} ${epochMs} ${message}`;
}

/** Judges the slices once the run is over. */
export function countPartedChanges({ strikes, changes, dynamo }: World): void {
  const scan: Lane = 'scan';
  for (const { logGroup } of marksIn(dynamo).filter(({ lane }) => lane === scan)) {
    const slices = slicesIn(dynamo, scan, logGroup);
    const sliceOf = ({ epochMs }: StoredLine) =>
      slices.findIndex(({ endEpochMs }) => epochMs < endEpochMs);
    for (const { story, written } of changes) {
      const [first, last] = [written[0], written.at(-1)];
      const isHere = story.kind === 'echo-and-outcome' && first?.logGroup === logGroup;
      if (!isHere || first === undefined || last === undefined) continue;
      if (sliceOf(first) !== sliceOf(last)) strikes.count('echo-and-outcome-in-different-slices');
    }
  }
}
