import { isCalm } from '../schedule/schedule.ts';
import type { InvocationEnd } from '../world/invocation.ts';
import type { Invariant } from './invariant.ts';

export const noTickFails: Invariant = {
  rule: 'no tick fails because of what a line, a row or an item of the ledger holds',
  watch: ({ schedule, ended }) => ({
    atEnd: () =>
      isCalm(schedule)
        ? ended.flatMap(({ id, tickEpochMs, end }) =>
            end?.kind === 'returned'
              ? []
              : [`#${id} of ${new Date(tickEpochMs).toISOString()}: ${howOf(end)}`],
          )
        : [],
  }),
};

function howOf(end: InvocationEnd | undefined): string {
  return end?.kind === 'threw' ? String(end.error) : String(end?.kind);
}
