import type { PutEventsCommandInput, PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { severityRank } from '../../../lambda/model/severity.ts';
import { findingsIn } from '../ledger-view.ts';
import type { World } from '../world/world.ts';
import { findingWrites } from './finding-writes.ts';
import { fine, type Invariant } from './invariant.ts';
import { isSpoiltAbout } from './spoilt.ts';

export const onTheBusToo: Invariant = {
  rule: 'with a bus, each finding that people are told of is an event there too, with the same id, and as severe',
  watch: (world) => ({
    atEnd: () => {
      if (world.schedule.bus === undefined) {
        return world.busEvents.length === 0 ? fine : ['there are events without a bus'];
      }
      return findingsIn(world.dynamo).flatMap(({ finding, delivery }) => {
        if (delivery.status !== 'notified' || isSpoiltAbout(world, finding.id)) return [];
        const events = eventsOf(world, finding.id);
        const worst = Math.max(-1, ...events.map(({ severity }) => severityRank(severity)));
        return worst >= severityRank(delivery.severity)
          ? []
          : [`${finding.title}: ${events.length} events, and people were told of it`];
      });
    },
  }),
};

function eventsOf({ busEvents }: World, findingId: string) {
  return busEvents.filter(({ id }) => id === findingId);
}

export const inTheChatToo: Invariant = {
  rule: 'with a chat, each finding that people are told of is sent there, and no text of it formats or mentions',
  watch: (world) => ({
    atEnd: () => {
      const isOn = world.schedule.bus?.hasChat === true;
      const chat = world.chatMessages;
      if (!isOn) return chat.length === 0 ? fine : ['there is a chat without its topic'];
      const texts = chat.flatMap(({ content: { title, description, nextSteps } }) => [
        ...[title, description],
        ...nextSteps,
      ]);
      return [
        ...texts.filter((text) => /[<>*`]|(^|\s)@/.test(text)),
        ...findingsIn(world.dynamo).flatMap(({ finding, delivery, chat: sent }) => {
          if (delivery.status !== 'notified' || isSpoiltAbout(world, finding.id)) return [];
          const isSent =
            sent?.status === 'sent' &&
            severityRank(sent.severity) >= severityRank(delivery.severity);
          return isSent ? [] : [`${finding.title}: is not in the chat`];
        }),
      ];
    },
  }),
};

export const sentWhatWasTaken: Invariant = {
  rule: 'nothing is recorded as sent to the bus that the bus did not take with that severity',
  watch: () => {
    const taken = new Set<string>();
    return {
      see: (effect) => {
        if (effect.step === 'PutEvents' && effect.error === undefined) {
          const { Entries = [] } = effect.input as PutEventsCommandInput;
          const { Entries: results = [] } = effect.output as PutEventsCommandOutput;
          for (const [at, { Detail = '' }] of Entries.entries()) {
            const { id, severity } = JSON.parse(Detail);
            if (results[at]?.EventId !== undefined) taken.add(`${id} ${severity}`);
          }
        }
        return findingWrites(effect).flatMap(({ now: { finding, bus } }) =>
          bus?.status !== 'sent' || taken.has(`${finding.id} ${bus.severity}`)
            ? []
            : [`${finding.id} (${finding.title}) is marked sent as ${bus.severity}`],
        );
      },
    };
  },
};
