/** Everything that goes wrong in the simulation; each is counted when it really happened to something. */
export const faultKinds = [
  'killed before a call',
  'killed after a call',
  'call lost on the way out',
  'call lost on the way back',
  'throttled',
  'LimitExceeded',
  'query Failed',
  'query Timeout',
  'query Cancelled',
  'query Unknown',
  'query never ending',
  'partial rows while Running',
  'rows cut off',
  'fewer groups scanned',
  'items unprocessed',
  'group deleted',
  'group created anew',
  'group emptied',
  'group disabled',
  'group denied',
  'environment unknown',
  'duplicate tick',
  'concurrent ticks',
  'delayed tick',
  'missing tick',
  'hours of outage',
  'tick from the future',
  'event on a window edge',
  'events in one millisecond',
  'identical events',
  'event later than settled',
  'event hours late',
  'echo and outcome in different slices',
  'flood',
  'SNS down',
  'DynamoDB down',
  'CloudWatch down',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export class Strikes {
  readonly counts = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]));

  count(kind: FaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
