import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type CallShell, callAws, classifyAwsError } from '../aws/call-aws.ts';
import { describeError } from '../common/log.ts';
import { inSteps } from '../common/retry.ts';
import { type Deadline, deadlineIn } from '../common/time.ts';
import { type FindingRecord, notifiedSeverity, recordMessage } from '../findings/finding-record.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import { saveFinding } from '../ledger/stored-findings.ts';
import type { Message, Notification } from '../messages/notification.ts';
import type { Finding } from '../model/finding.ts';
import type { RuntimeConfig } from '../plan/runtime-config.ts';
import type { TickContext } from '../record/tick-context.ts';

/**
 * After a lost answer the message may have been sent: the holder of the claim decides what to do.
 */
const lostAnswersMax = 0;

/**
 * Publishes a message to the findings' topic.
 *
 * @returns the id that SNS gave it
 * @throws the call's own error, or DeadlineError when it was throttled until the deadline
 */
export async function publish(
  shell: CallShell & { readonly sns: SNSClient; readonly config: RuntimeConfig },
  notification: Notification,
  deadline: Deadline,
): Promise<string> {
  const command = new PublishCommand({ TopicArn: shell.config.findingsTopicArn, ...notification });
  const { MessageId = '' } = await callAws(
    'Publish',
    (options) => shell.sns.send(command, options).catch(asLostAnswer),
    shell,
    deadline,
    lostAnswersMax,
  );
  return MessageId;
}

/**
 * Other calls are retried when a service says that it is unavailable. A message that SNS accepted
 * before it said so would go out twice, uncounted, so this counts as a lost answer.
 */
function asLostAnswer(error: unknown): never {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  if ($metadata?.httpStatusCode !== 503) throw error;
  const lost = new Error('SNS said that it is unavailable', { cause: error });
  lost.name = 'TimeoutError';
  throw lost;
}

/**
 * What a failed publish means: `unknown` when the message may have gone out, `refused` when SNS
 * will never accept it, `failed` when it was not sent and may be next time.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
 */
export function publishFailure(error: unknown): 'unknown' | 'refused' | 'failed' {
  if (classifyAwsError(error) === 'lost-answer') return 'unknown';
  return error instanceof Error && refusedNames.has(error.name) ? 'refused' : 'failed';
}

/** Whether a name ends in `Exception` depends on the service and the version of the SDK. */
const refusedNames = new Set(
  [
    ...['InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid'],
    ...['Validation', 'ValidationError'],
  ].flatMap((name) => [name, `${name}Exception`]),
);

/** The numbers of one tick's delivery. */
export class DeliveryTally {
  /** Findings that are recorded as notified. */
  notified = 0;
  /** Publishes that may or may not have gone out. */
  unknownPublishes = 0;
  readonly failures: Error[] = [];
}

/**
 * Composes a message of as many findings as it can name, from the front of the list.
 *
 * @param about.isUpdate whether the finding was notified before, when it was milder or named fewer
 * @param about.following how many findings wait for further messages, apart from the given ones
 */
export type Compose = (
  findings: readonly Finding[],
  about: { readonly isUpdate: boolean; readonly following: number },
) => Message;

interface Sent {
  /** `nothing`: no finding could be claimed. */
  readonly outcome: 'notified' | 'refused' | 'failed' | 'unknown' | 'nothing';
  /** Findings that did not fit into the message; they were not changed. */
  readonly left: readonly FindingRecord[];
  /** After a refusal: the current records of the message's findings, for a minimal message. */
  readonly refused: readonly FindingRecord[];
}

/** Allows for differing clocks, and for the last call of an invocation after its deadline. */
const claimReserveMs = 30_000;
/** A publish that is throttled or gets no answer must not use up the time of the others. */
const publishMaxMs = 15_000;
/**
 * Parts of the time left when a message begins: to claim its findings, and reserved to record them.
 */
const claimShare = 1 / 2;
const recordShare = 1 / 3;

/**
 * Publishes one message: claims its findings, publishes, and records as notified exactly the
 * findings that the message names.
 *
 * Each claim allows one publish. A second one for the same findings is made only after a claim has
 * expired whose publish may have gone out.
 *
 * @param records at least one, read by their entries on the list of pending findings
 */
export async function sendMessage(
  context: TickContext,
  records: readonly FindingRecord[],
  compose: Compose,
  { tally, following = 0 }: { readonly tally: DeliveryTally; readonly following?: number },
): Promise<Sent> {
  const { shell } = context;
  let planned: Message;
  try {
    planned = compose(findingsOf(records), { isUpdate: false, following });
  } catch (error) {
    // The content of a finding must not prevent its own notification or that of others.
    const ids = idsOf(records);
    shell.log('error', 'message-not-composed', { ids, error: describeError(error) });
    return { outcome: 'refused', left: [], refused: records };
  }
  const [wanted, left] = divide(records, planned);
  const leftMs = context.deadline.remainingMs();
  const untilEpochMs = shell.clock.nowEpochMs() + leftMs + claimReserveMs;
  const claiming = within(context, leftMs * claimShare);
  const claimed = await claimAll(claiming, untilEpochMs, wanted, tally);
  if (claimed.length === 0) return { outcome: 'nothing', left, refused: [] };
  const isUpdate = claimed.length === 1 && claimed.every(isUpdated);
  const { notification, named } = compose(findingsOf(claimed), {
    isUpdate,
    following: following + left.length,
  });
  const [inMessage, notInMessage] = divide(claimed, { named });
  await release(context, notInMessage, tally);
  let messageId: string | undefined;
  try {
    const publishMs = context.deadline.remainingMs() - leftMs * recordShare;
    messageId = await publish(
      shell,
      notification,
      deadlineIn(shell.timer, Math.min(publishMaxMs, publishMs)),
    );
  } catch (cause) {
    return { ...(await afterFailure(context, inMessage, cause, tally)), left };
  }
  const atEpochMs = shell.clock.nowEpochMs();
  const kind = notification.MessageAttributes.kind?.StringValue ?? 'finding';
  shell.log('info', 'findings-notified', { ids: idsOf(inMessage), kind });
  const recorded = await eachAlone(context, inMessage, tally, 'recorded as notified', (record) => {
    const { severity } = record.finding;
    return save(
      context,
      recordMessage(record, { ...(messageId && { messageId }), atEpochMs, severity }),
    );
  });
  tally.notified += recorded.length;
  return { outcome: 'notified', left, refused: [] };
}

async function afterFailure(
  context: TickContext,
  claimed: readonly FindingRecord[],
  cause: unknown,
  tally: DeliveryTally,
): Promise<Pick<Sent, 'outcome' | 'refused'>> {
  const { shell } = context;
  const outcome = publishFailure(cause);
  const ids = idsOf(claimed);
  const error = describeError(cause);
  switch (outcome) {
    case 'unknown':
      // The claim stays: until it expires, nobody publishes these findings again.
      shell.log('error', 'publish-outcome-unknown', { ids, error });
      tally.unknownPublishes += 1;
      reportFailure(
        context,
        claimed,
        new Error('the answer of Publish was lost', { cause }),
        tally,
      );
      return { outcome, refused: [] };
    case 'refused':
      shell.log('error', 'message-refused', { ids, error });
      return { outcome, refused: await release(context, claimed, tally, { minimal: true }) };
    default:
      await release(context, claimed, tally);
      reportFailure(context, claimed, new Error('Publish failed', { cause }), tally);
      return { outcome, refused: [] };
  }
}

/** The step that failed for findings. */
type Undone = 'published' | 'recorded as notified' | 'made pending again';

/** Reports that findings remain pending, or may be published again. */
export function reportFailure(
  { shell }: Pick<TickContext, 'shell'>,
  records: readonly FindingRecord[],
  cause: unknown,
  tally: DeliveryTally,
  undone: Undone = 'published',
): void {
  const ids = idsOf(records);
  shell.log('error', 'findings-not-notified', { ids, error: describeError(cause) });
  const what = ids.length === 1 ? `finding ${ids[0]}` : `${ids.length} findings`;
  tally.failures.push(new Error(`${what} cannot be ${undone}`, { cause }));
}

function claimAll(
  context: TickContext,
  untilEpochMs: number,
  records: readonly FindingRecord[],
  tally: DeliveryTally,
): Promise<FindingRecord[]> {
  const { shell } = context;
  const claimId = shell.newId();
  return eachAlone(context, records, tally, 'published', (record) => {
    const told = notifiedSeverity(record.delivery);
    // The earlier claim has expired: its publish may have gone out, so this one may repeat it.
    const isRepeat = record.delivery.status === 'claimed';
    if (isRepeat) shell.log('warn', 'publish-repeated', { id: record.finding.id });
    return save(context, {
      ...record,
      unknownPublishes: record.unknownPublishes + (isRepeat ? 1 : 0),
      delivery: { status: 'claimed', claimId, untilEpochMs, ...(told && { told }) },
    });
  });
}

/** Makes claimed findings pending again that were not notified. */
function release(
  context: TickContext,
  records: readonly FindingRecord[],
  tally: DeliveryTally,
  changes: Pick<FindingRecord, 'minimal'> = {},
): Promise<FindingRecord[]> {
  return eachAlone(context, records, tally, 'made pending again', (record) => {
    const told = notifiedSeverity(record.delivery);
    const delivery = { status: 'pending', ...(told && { told }) } as const;
    return save(context, { ...record, ...changes, delivery });
  });
}

/** @throws Error when the ledger does not accept the record, not even shortened */
async function save({ table }: TickContext, record: FindingRecord): Promise<FindingRecord> {
  const saved = await saveFinding(table, record, { by: 'people' });
  if (saved.revision === record.revision) throw new Error('the ledger does not store the finding');
  return saved;
}

/** Writes each finding; a write that fails is reported and does not stop the others. */
async function eachAlone(
  context: TickContext,
  records: readonly FindingRecord[],
  tally: DeliveryTally,
  undone: Undone,
  write: (record: FindingRecord) => Promise<FindingRecord>,
): Promise<FindingRecord[]> {
  const written = await inSteps(records, async (record) => {
    try {
      return await write(record);
    } catch (error) {
      reportFailure(context, [record], error, tally, undone);
      return undefined;
    }
  });
  return written.filter((record) => record !== undefined);
}

/** Divides records into those that a message names and the others. */
function divide(
  records: readonly FindingRecord[],
  { named }: Pick<Message, 'named'>,
): readonly [FindingRecord[], FindingRecord[]] {
  const ids = new Set(named.map(({ id }) => id));
  const isNamed = ({ finding }: FindingRecord) => ids.has(finding.id);
  return [records.filter(isNamed), records.filter((record) => !isNamed(record))];
}

function isUpdated({ delivery }: FindingRecord): boolean {
  return notifiedSeverity(delivery) !== undefined;
}

function findingsOf(records: readonly FindingRecord[]): Finding[] {
  return records.map(({ finding }) => finding);
}

function idsOf(records: readonly FindingRecord[]): string[] {
  return records.map(({ finding }) => finding.id);
}

/** The same context with a nearer deadline. */
function within(context: TickContext, milliseconds: number): TickContext {
  const { shell } = context;
  const deadline = deadlineIn(shell.timer, milliseconds);
  const table = new LedgerTable(shell, shell.config.ledgerTableName, deadline);
  return { ...context, table, deadline };
}
