import { fine, type Invariant } from './invariant.ts';

export const futureChangesNothing: Invariant = {
  rule: 'a tick from the future is refused and changes nothing',
  watch: () => ({
    see: ({ invocation, step, writes }) => {
      if (!invocation.isFromTheFuture) return fine;
      const hasEffect = writes.length > 0 || step === 'Publish' || step === 'PutMetricData';
      return hasEffect ? [`a tick from the future came to ${step}`] : fine;
    },
  }),
};
