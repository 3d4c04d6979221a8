import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { readMessage } from '../services/sns.ts';
import { findingWrites } from './finding-writes.ts';
import { fine, type Invariant } from './invariant.ts';

export const namedInAMessage: Invariant = {
  rule: 'nothing is marked as notified unless a message named its id and severity',
  watch: () => {
    const named = new Set<string>();
    return {
      see: (effect) => {
        const { step, error, input } = effect;
        if (step === 'Publish' && error === undefined) {
          for (const { id, severity } of readMessage(input as PublishCommandInput).findings) {
            named.add(`${id} ${severity}`);
          }
        }
        const problems = findingWrites(effect).flatMap(({ now: { finding, delivery } }) =>
          delivery.status !== 'notified' || named.has(`${finding.id} ${delivery.severity}`)
            ? []
            : [`${finding.id} (${finding.title}) is marked notified as ${delivery.severity}`],
        );
        return problems.length === 0 ? fine : problems;
      },
    };
  },
};
