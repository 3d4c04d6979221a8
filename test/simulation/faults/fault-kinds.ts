import { hostileKinds } from '../schedule/hostile-grammar.ts';

/** What may befall one call. */
export const callFaultKinds = [
  'killed-before-effect',
  'killed-after-effect',
  'lost-on-the-way-out',
  'lost-on-the-way-back',
  'throttled',
  'limit-exceeded',
  'unprocessed-items',
  'message-refused',
] as const;

export type CallFaultKind = (typeof callFaultKinds)[number];

/** Other ends of a query than a complete answer. */
export const queryFaultKinds = [
  'query-failed',
  'query-timed-out',
  'query-cancelled',
  'query-unknown',
  'query-never-ends',
] as const;

export type QueryFaultKind = (typeof queryFaultKinds)[number];

/** What AWS may do to the texts of the pack. */
export const packFaultKinds = [
  /** Whatever text asks for one of some detections. */
  'detections-refused',
  /** A text of many detections, none of which is refused by itself. */
  'too-many-refused',
  'pack-refused',
  /** Each query of the pack ends as Failed. */
  'pack-fails',
] as const;

export type PackFaultKind = (typeof packFaultKinds)[number];

export const groupFaultKinds = [
  'group-deleted',
  /** Deleted for good. */
  'group-gone',
  'group-created',
  'group-emptied',
  'group-disabled',
  'group-above-info',
  'group-denied',
  'group-key-unreadable',
  'group-silent',
] as const;

export type GroupFaultKind = (typeof groupFaultKinds)[number];

export const tickFaultKinds = [
  'tick-duplicate',
  'tick-concurrent',
  'tick-delayed',
  'tick-missing',
  'tick-early',
  'tick-from-the-future',
] as const;

export type TickFaultKind = (typeof tickFaultKinds)[number];

/** What may have become of an item of the ledger between two ticks. */
export const ledgerFaultKinds = [
  'unreadable-bytes',
  'wrong-type',
  /** As a later version writes it, before it was rolled back. */
  'unknown-fields',
  /** A finding is gone that the list of those to tell points at. */
  'pointed-at-nothing',
] as const;

export type LedgerFaultKind = (typeof ledgerFaultKinds)[number];

export const ledgerPlaces = [
  'event',
  'finding',
  'pointer',
  'open-stream',
  'slice',
  'mark',
  'state',
] as const;

export type LedgerPlace = (typeof ledgerPlaces)[number];

export const downServices = ['sns', 'dynamo', 'logs', 'cloudWatch', 'mwaa'] as const;

export type ServiceName = (typeof downServices)[number];

/** What is there in the logs, or comes of how slices fall. */
export const eventKinds = [
  'event-on-a-window-edge',
  'events-in-the-same-millisecond',
  'identical-events',
  'event-hours-late',
  'echo-and-outcome-in-different-slices',
  'rows-cut-off',
  'flood',
] as const;

/** All that a run counts. */
export const faultKinds = [
  ...callFaultKinds,
  ...queryFaultKinds,
  ...packFaultKinds,
  ...groupFaultKinds,
  'group-denied-for-days',
  'group-silent-for-hours',
  ...tickFaultKinds,
  ...ledgerFaultKinds,
  'outage-of-hours',
  'invocation-timed-out',
  'killed-for-memory',
  ...downServices.map((service) => `${service}-down` as const),
  ...eventKinds,
  ...hostileKinds,
] as const;

export type FaultKind = (typeof faultKinds)[number];
