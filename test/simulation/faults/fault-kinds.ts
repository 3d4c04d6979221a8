import { hostileKinds } from '../schedule/hostile-grammar.ts';

/** Faults of a single call. */
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

/** Faults of PutEvents and PublishBatch, and one of their own, in which they take only some entries. */
export const busFaultKinds = [
  'killed-before-effect',
  'killed-after-effect',
  'lost-on-the-way-out',
  'lost-on-the-way-back',
  'throttled',
  'entries-failed',
] as const;

export type CallFaultKind = (typeof callFaultKinds)[number] | (typeof busFaultKinds)[number];

/** How a query can end other than with a complete answer. */
export const queryFaultKinds = [
  'query-failed',
  'query-timed-out',
  'query-cancelled',
  'query-unknown',
  'query-never-ends',
] as const;

export type QueryFaultKind = (typeof queryFaultKinds)[number];

/** What AWS can do to the query texts of the pack. */
export const packFaultKinds = [
  /** Any text that asks for one of certain detections. */
  'detections-refused',
  /** A text of many detections, none of which is refused alone. */
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

/** What can happen to an item of the ledger between two ticks. */
export const ledgerFaultKinds = [
  'unreadable-bytes',
  'wrong-type',
  /** As a later version writes it, before it was rolled back. */
  'unknown-fields',
  /** A finding is gone although the list of pending ones points to it. */
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

export type ServiceName = (typeof downServices)[number] | 'events';

/** What the logs hold, or what results from the position of slices. */
export const eventKinds = [
  'event-on-a-window-edge',
  'events-in-the-same-millisecond',
  'identical-events',
  'event-hours-late',
  'echo-and-outcome-in-different-slices',
  'rows-cut-off',
  'flood',
] as const;

/** Everything that a run counts. */
export const faultKinds = [
  ...callFaultKinds,
  'entries-failed',
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
  'events-down',
  ...eventKinds,
  ...hostileKinds,
] as const;

export type FaultKind = (typeof faultKinds)[number];
