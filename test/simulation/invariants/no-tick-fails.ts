import { floodKinds, type HostileKind } from '../schedule/hostile-grammar.ts';
import { isCalm, type Schedule } from '../schedule/schedule.ts';
import type { InvocationEnd } from '../world/invocation.ts';
import type { Invariant } from './invariant.ts';

export const noTickFails: Invariant = {
  rule: 'no tick fails because of what a line, a row or an item of the ledger holds',
  watch: ({ schedule, ended }) => ({
    atEnd: () =>
      isCalm(schedule)
        ? ended.flatMap(({ id, tickEpochMs, end }) =>
            isFine(end, schedule)
              ? []
              : [`#${id} of ${new Date(tickEpochMs).toISOString()}: ${howOf(end)}`],
          )
        : [],
  }),
};

/** A flood that exceeds the time of one invocation continues in the next. */
function isFine(end: InvocationEnd | undefined, { hostileActs }: Schedule): boolean {
  if (end?.kind === 'returned') return true;
  const isFlooded = hostileActs.some(({ kind }) => isMuch(kind));
  return isFlooded && end?.kind === 'threw' && String(end.error).includes('DeadlineError');
}

function howOf(end: InvocationEnd | undefined): string {
  return end?.kind === 'threw' ? String(end.error) : String(end?.kind);
}

/** Many findings in one line are as much work as many lines. */
function isMuch(kind: HostileKind): boolean {
  return floodKinds.includes(kind) || kind === 'many-in-one-line';
}
