import { approvedIsListed } from './approved-is-listed.ts';
import { dailyBytesAddUp } from './daily-bytes.ts';
import { documentedComesFirst, documentedNeverWaits } from './documented-goes-on.ts';
import { eachMatchCounts } from './each-match-counts.ts';
import { everyChangeTold } from './every-change-told.ts';
import { futureChangesNothing } from './future-changes-nothing.ts';
import type { Invariant } from './invariant.ts';
import { namedInAMessage } from './named-in-a-message.ts';
import { noHole } from './no-hole.ts';
import { noTickFails } from './no-tick-fails.ts';
import { nobodyElseMatters } from './nobody-else-matters.ts';
import { inTheChatToo, onTheBusToo, sentWhatWasTaken } from './on-the-bus.ts';
import { findingsBeforeLines, recordAndMetricsFirst } from './order-of-writes.ts';
import { positionsOnlyAdvance } from './positions-only-advance.ts';
import { refusalsAreTold, refusedAreCounted } from './refusals-are-told.ts';
import { scannedMeansRead } from './scanned-means-read.ts';
import { silenceRings } from './silence-rings.ts';
import { silencesAreTold } from './silences-are-told.ts';
import { findingsCountOnce, matchesAddUp } from './sums-are-right.ts';
import { claimBeforePublish, noFindingWithoutEvent, oneIdAChange, toldOnce } from './telling.ts';
import { unreadableItemsAreTold, unreadableRowsAreTold } from './unreadable-is-told.ts';
import { floodsAreTold, whatWasReadIsTold } from './what-was-read-is-told.ts';
import { zerosAreSeen } from './zeros-are-seen.ts';

export const allInvariants: readonly Invariant[] = [
  everyChangeTold,
  whatWasReadIsTold,
  floodsAreTold,
  nobodyElseMatters,
  noTickFails,
  namedInAMessage,
  unreadableItemsAreTold,
  unreadableRowsAreTold,
  onTheBusToo,
  inTheChatToo,
  sentWhatWasTaken,
  approvedIsListed,
  toldOnce,
  oneIdAChange,
  noFindingWithoutEvent,
  noHole,
  scannedMeansRead,
  zerosAreSeen,
  matchesAddUp,
  eachMatchCounts,
  dailyBytesAddUp,
  documentedComesFirst,
  documentedNeverWaits,
  refusalsAreTold,
  refusedAreCounted,
  findingsCountOnce,
  silenceRings,
  silencesAreTold,
  positionsOnlyAdvance,
  futureChangesNothing,
  recordAndMetricsFirst,
  findingsBeforeLines,
  claimBeforePublish,
];
