import * as z from 'zod/mini';
import { changeFloodSchema } from '../flood/flood-schema.ts';
import { type Evidence, type Finding, findingSchema, severitySchema } from '../model/finding.ts';
import { type Severity, severityRank } from '../model/severity.ts';
import { type Testimony, testimonySchema } from '../model/testimony.ts';
import { verbNames } from '../model/verbs.ts';
import { type SideDestination, sideDestinations } from '../plan/runtime-config.ts';
import { isWitnessed, withTestimony } from './with-testimony.ts';

/** Whether and how people were notified of a finding. */
const deliverySchema = z.discriminatedUnion('status', [
  /** Nobody is to be notified: it is approved, or too mild. */
  z.object({ status: z.literal('withheld') }),
  /** `told`: the severity that people were notified of before, if it was milder. */
  z.object({ status: z.literal('pending'), told: z.optional(severitySchema) }),
  /**
   * A publish is under way, or its answer was lost. Nobody else publishes before the claim ends;
   * after that, the finding is published again.
   */
  z.object({
    status: z.literal('claimed'),
    claimId: z.string(),
    untilEpochMs: z.number(),
    told: z.optional(severitySchema),
  }),
  z.object({ status: z.literal('notified'), severity: severitySchema }),
]);

export type Delivery = Readonly<z.infer<typeof deliverySchema>>;

/**
 * Whether the event bus, or the chat, has the finding. There are no claims: it may be sent twice, with the
 * same id. Absent for a finding that is not due there: nobody is to be notified of it, or people were
 * notified before there was that destination and nothing has changed since.
 */
const sideDeliverySchema = z.discriminatedUnion('status', [
  /** `told`: the severity of the last message about it. */
  z.object({ status: z.literal('pending'), told: z.optional(severitySchema) }),
  z.object({
    status: z.literal('sent'),
    severity: severitySchema,
    atEpochMs: z.optional(z.int()),
    /** The id that EventBridge or SNS gave it. */
    messageId: z.optional(z.string()),
  }),
]);

export type SideDelivery = Readonly<z.infer<typeof sideDeliverySchema>>;

/**
 * A finding that was stored with an empty name: version 1 wrote such findings but could not read
 * them.
 */
const storedFinding = z.pipe(
  z.transform((input: unknown) => {
    if (!isObject(input)) return input;
    const { actor } = input;
    return { ...withoutEmpty(input), ...(isObject(actor) && { actor: withoutEmpty(actor) }) };
  }),
  findingSchema,
);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutEmpty(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(([, part]) => part !== '' && part !== null),
  );
}

const sentMessageSchema = z.object({
  messageId: z.optional(z.string()),
  atEpochMs: z.int(),
  severity: severitySchema,
});

export type SentMessage = Readonly<z.infer<typeof sentMessageSchema>>;

/** What the ledger stores about a finding. */
export const storedFindingSchema = z.object({
  finding: storedFinding,
  logGroup: z.string(),
  /** Where the ledger stores it: with the events of its log stream. */
  streamId: z.string(),
  /** Key of the event that made it a finding; for a finding about the monitor itself, its id. */
  anchorKey: z.string(),
  anchorEpochMs: z.int(),
  /** Whether an approved change covers it: then it is recorded and counted, but not sent. */
  approved: z.boolean(),
  /**
   * People would have been notified of it if no approval covered it: the day's digest lists it. The
   * field keeps the name under which it is stored; it has nothing to do with a silent log group.
   */
  silenced: z.optional(
    z.object({
      /** Start of the UTC day of the tick that recorded it, in epoch milliseconds. */
      dayEpochMs: z.int(),
      /** Reason and owner of each approval. */
      reasons: z.readonly(z.array(z.string())),
    }),
  ),
  /** The slice in whose numbers it counts: the first that found it at or above `alertAt`. */
  countedIn: z.optional(z.string()),
  /** Found by the lookback before the first tick: named in a digest. */
  initial: z.optional(z.boolean()),
  /** SNS refused its message permanently: it is reported in a minimal one. */
  minimal: z.optional(z.boolean()),
  /** Publishes whose outcome is not known. */
  unknownPublishes: z.int(),
  delivery: deliverySchema,
  /** What this version cannot read is none: then the finding is sent again. */
  bus: z.catch(z.optional(sideDeliverySchema), undefined),
  chat: z.catch(z.optional(sideDeliverySchema), undefined),
  /** What the change does, to write an approval of it; one that this version does not know is none. */
  verb: z.catch(z.optional(z.enum(verbNames)), undefined),
  /** The last messages that named it, the newest last: SNS's id, and when SNS had accepted it. */
  messages: z.catch(z.optional(z.readonly(z.array(sentMessageSchema))), undefined),
  /** For a finding `change-flood`: what it counts and names. */
  flood: z.optional(changeFloodSchema),
  /** What the second witness says about it, if there is one. */
  testimony: z.catch(z.optional(testimonySchema), undefined),
});

/** A finding as the ledger stores it. */
export interface FindingRecord extends Readonly<z.infer<typeof storedFindingSchema>> {
  /** How often it was written: a writer who read an older revision does not overwrite it. */
  readonly revision: number;
}

/** What was derived for a finding. */
export interface FoundFinding
  extends Pick<
    FindingRecord,
    | 'finding'
    | 'logGroup'
    | 'streamId'
    | 'anchorKey'
    | 'anchorEpochMs'
    | 'approved'
    | 'initial'
    | 'verb'
  > {
  /** If it is approved: where it is listed if nobody is notified of it. */
  readonly approving?: NonNullable<FindingRecord['silenced']>;
}

/** Lines of evidence that a record holds: the first and the last of them. */
const evidenceMax = 100;
/** DynamoDB's limit for an item is 400 kB, and a control character takes six bytes in JSON. */
const evidenceBytesMax = 250_000;

/**
 * The next record of a finding that is new or has more to show: its latest state, counted once, and
 * sent once and again only if it got worse or names more users or roles.
 *
 * @param known the previous record of the same finding
 * @param given.finding as the log shows it now
 * @param sliceKey the slice that found it
 */
export function recordFinding(
  known: FindingRecord | undefined,
  given: FoundFinding,
  {
    sliceKey,
    alertAt,
    sides = [],
    isFirstRead = false,
  }: {
    readonly sliceKey: string;
    readonly alertAt: Severity;
    /** Where findings go beside the topic for people. */
    readonly sides?: readonly SideDestination[];
    /** An invocation that did not finish found it before, for a slice that never completed. */
    readonly isFirstRead?: boolean;
  },
): FindingRecord {
  const { finding: derived, approving, ...about } = given;
  const testimony = known?.testimony && { ...known.testimony, base: baseOf(derived) };
  const found = { ...given, finding: withTestimony(derived, testimony) };
  const { finding } = found;
  const alerts = severityRank(finding.severity) >= severityRank(alertAt);
  // If it turns out not to be approved after all, count it again as a normal finding.
  const countsAnew = isFirstRead || (known?.approved && !found.approved);
  const counted = countsAnew ? undefined : known?.countedIn;
  const countedIn = counted ?? (alerts ? sliceKey : undefined);
  const delivery = deliveryOf(known, found, alerts);
  const silenced = alerts ? approvedIn(known, found, delivery) : undefined;
  const beside = besideOf(known, found, { alerts, sides });
  return {
    ...about,
    ...(known && { anchorKey: known.anchorKey, anchorEpochMs: known.anchorEpochMs }),
    ...(known?.minimal && { minimal: known.minimal }),
    ...(known?.messages && { messages: known.messages }),
    initial: known ? known.initial : found.initial,
    finding: {
      ...finding,
      // Keep the id it was first published under.
      id: known?.finding.id ?? finding.id,
      // When and how it was first found does not change with what is learnt about it later.
      detectedAt: known?.finding.detectedAt ?? finding.detectedAt,
      late: known?.finding.late ?? finding.late,
      laterLook: known ? known.finding.laterLook : finding.laterLook,
      evidence: evidenceOf(known, finding),
    },
    ...(testimony && { testimony }),
    ...(countedIn !== undefined && { countedIn }),
    unknownPublishes: known?.unknownPublishes ?? 0,
    ...(silenced !== undefined && { silenced }),
    delivery,
    ...beside,
    revision: known?.revision ?? 0,
  };
}

/** The lines of the log, and after them what the second witness saw: it comes last whatever its time. */
function evidenceOf(known: FindingRecord | undefined, finding: Finding): readonly Evidence[] {
  const ofLogs = (evidence: readonly Evidence[]) => evidence.filter((event) => !isWitnessed(event));
  const lines = joined(ofLogs(known?.finding.evidence ?? []), ofLogs(finding.evidence));
  return [...firstAndLast(lines), ...finding.evidence.filter(isWitnessed)];
}

/** What a finding is without the second witness. */
export function baseOf({
  severity,
  title,
  headline,
  outcome,
  target,
  role,
}: Finding): Testimony['base'] {
  return {
    ...{ severity, title, outcome },
    ...(headline !== undefined && { headline }),
    ...(target !== undefined && { target }),
    ...(role !== undefined && { role }),
  };
}

/** The deliveries beside the topic for people. */
export function besideOf(
  known: FindingRecord | undefined,
  found: Pick<FoundFinding, 'finding' | 'approved'>,
  { alerts, sides }: { readonly alerts: boolean; readonly sides: readonly SideDestination[] },
): Pick<FindingRecord, SideDestination> {
  const beside = sideDestinations.map((side) => {
    const isOn = sides.includes(side);
    const now = isOn ? sideDeliveryOf(side, known, found, alerts) : known?.[side];
    return now && { [side]: now };
  });
  return Object.assign({}, ...beside);
}

const messagesMax = 10;

/** A record of a finding that a message has named. */
export function recordMessage(record: FindingRecord, message: SentMessage): FindingRecord {
  return {
    ...record,
    delivery: { status: 'notified', severity: message.severity },
    messages: [...(record.messages ?? []), message].slice(-messagesMax),
  };
}

/** The severity last sent; undefined if it was never sent. */
export function notifiedSeverity(delivery: Delivery | undefined): Severity | undefined {
  switch (delivery?.status) {
    case 'notified':
      return delivery.severity;
    case 'pending':
    case 'claimed':
      return delivery.told;
    default:
      return undefined;
  }
}

/** Whether people are to be notified of a finding as it is now. */
export function deliveryOf(
  known: Pick<FindingRecord, 'delivery' | 'finding'> | undefined,
  { finding, approved }: Pick<FoundFinding, 'finding' | 'approved'>,
  alerts: boolean,
): Delivery {
  const before = known?.delivery;
  if (before?.status === 'claimed') return before;
  const notified = notifiedSeverity(before);
  if (known === undefined || notified === undefined) {
    return { status: approved || !alerts ? 'withheld' : 'pending' };
  }
  const isNews =
    before?.status === 'pending' ||
    severityRank(finding.severity) > severityRank(notified) ||
    namesMore(known.finding, finding);
  return !approved && alerts && isNews
    ? { status: 'pending', told: notified }
    : { status: 'notified', severity: notified };
}

/** By the rules for people: sent when it is found, and again when it got worse or names more. */
function sideDeliveryOf(
  side: SideDestination,
  known: Pick<FindingRecord, SideDestination | 'delivery' | 'finding'> | undefined,
  { finding, approved }: Pick<FoundFinding, 'finding' | 'approved'>,
  alerts: boolean,
): SideDelivery | undefined {
  const isDue = alerts && !approved;
  const before = known?.[side];
  const told = sentSeverity(before) ?? notifiedSeverity(known?.delivery);
  const isNews =
    known === undefined ||
    told === undefined ||
    before?.status === 'pending' ||
    severityRank(finding.severity) > severityRank(told) ||
    namesMore(known.finding, finding);
  if (isDue && isNews) {
    const sent = sentSeverity(before);
    return { status: 'pending', ...(sent && { told: sent }) };
  }
  if (before?.status !== 'pending') return before;
  // What is approved by now is not sent; what was sent before has no news that are due.
  return before.told && { status: 'sent', severity: before.told };
}

/** The severity of the last message about it; undefined if there was none. */
export function sentSeverity(side: SideDelivery | undefined): Severity | undefined {
  return side?.status === 'sent' ? side.severity : side?.told;
}

/** Where an approved finding is listed: once, and again only if it got worse or names more. */
function approvedIn(
  known: FindingRecord | undefined,
  { finding, approved, approving }: FoundFinding,
  delivery: Delivery,
): FindingRecord['silenced'] {
  if (!approved || !['withheld', 'notified'].includes(delivery.status)) return undefined;
  const isNews =
    known === undefined ||
    known.delivery.status === 'pending' ||
    severityRank(finding.severity) > severityRank(known.finding.severity) ||
    namesMore(known.finding, finding);
  if (isNews) return approving;
  // A digest adds nothing for people who were already notified of all of it.
  return known.silenced ?? (delivery.status === 'withheld' ? approving : undefined);
}

/**
 * Whether a finding names a user or role that it did not name before. Lines of an import or of a
 * synchronization join one change, whatever they name: a message that was sent does not cover a
 * user whom it does not name.
 */
function namesMore(known: Finding, now: Finding): boolean {
  const namesOf = (names = '') => names.split(', ');
  const isNew = (knownNames: string | undefined, names: string | undefined) => {
    const before = new Set(namesOf(knownNames));
    return names !== undefined && namesOf(names).some((name) => !before.has(name));
  };
  return isNew(known.target, now.target) || isNew(known.role, now.role);
}

/** Evidence is never lost; a line of it is identified by where and when it was written. */
function joined(before: readonly Evidence[], now: readonly Evidence[]): readonly Evidence[] {
  const keyOf = ({ logStream, timestamp, message }: Evidence) =>
    JSON.stringify([timestamp, logStream, message]);
  const known = new Set(now.map(keyOf));
  const lost = before.filter((evidence) => !known.has(keyOf(evidence)));
  if (lost.length === 0) return now;
  return [...lost, ...now].sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
}

function firstAndLast(evidence: readonly Evidence[]): readonly Evidence[] {
  const keep = (most: number) => {
    if (evidence.length <= most) return evidence;
    const first = Math.ceil(most / 2);
    return [...evidence.slice(0, first), ...evidence.slice(evidence.length - (most - first))];
  };
  let most = evidenceMax;
  while (most > 1 && bytesOf(keep(most)) > evidenceBytesMax) most = Math.floor(most / 2);
  return keep(most);
}

function bytesOf(evidence: readonly Evidence[]): number {
  return Buffer.byteLength(JSON.stringify(evidence));
}
