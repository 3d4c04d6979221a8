/** The purpose of a call to AWS: a step in the order of writes. */
export const writeSteps = [
  'take-lease',
  'return-lease',
  'begin-mark',
  'save-finding',
  'list-pending',
  'unlist-pending',
  'save-seen-events',
  'save-open-stream',
  'claim-slice',
  'save-slice-record',
  'PutMetricData',
  'move-mark',
  'save-state',
  'claim-finding',
  'Publish',
  'finding-told',
] as const;

export const readSteps = [
  'GetEnvironment',
  'DescribeLogGroups',
  'GetMetricData',
  'StartQuery',
  'GetQueryResults',
  'StopQuery',
  'GetLogEvents',
  'read-ledger',
] as const;

/** Writes that an invocation makes only after a fault of the ledger. */
export const rareSteps = ['set-aside'] as const;

/** Only a monitor with an event bus, or with a chat, makes them. */
export const besideSteps = ['PutEvents', 'PublishBatch'] as const;

export const steps = [...writeSteps, ...rareSteps, ...readSteps] as const;

export type Step = (typeof steps)[number] | (typeof besideSteps)[number];

interface LedgerInput {
  readonly Item?: LedgerWords;
  readonly Key?: LedgerWords;
  readonly ConditionExpression?: string | undefined;
}

type LedgerWords = Readonly<Record<string, { readonly S?: string | undefined } | undefined>>;

/** Derives the purpose of a call from its input. */
export function stepOf(operation: string, input: object): Step {
  switch (operation) {
    case 'PutItem':
      return stepOfPut(input);
    case 'DeleteItem':
      return stepOfDelete(input);
    case 'BatchWriteItem':
      return 'save-seen-events';
    case 'GetItem':
    case 'Query':
      return 'read-ledger';
    default:
      return operation as Step;
  }
}

function stepOfPut({ Item = {}, ConditionExpression = '' }: LedgerInput): Step {
  const partition = Item.pk?.S?.split('#')[0];
  switch (partition) {
    case 'lease':
      return 'take-lease';
    case 'state':
      return 'save-state';
    case 'tick':
      return 'save-slice-record';
    case 'pending':
    case 'pending-bus':
    case 'pending-chat':
      return 'list-pending';
    case 'open':
      return 'save-open-stream';
    case 'quarantine':
      return 'set-aside';
    case 'silenced':
      return 'list-pending';
    case 'mark':
      if (Item.claimEndEpochMs !== undefined) return 'claim-slice';
      return ConditionExpression.includes('claimEndEpochMs') ? 'move-mark' : 'begin-mark';
    default:
      return stepOfFinding(Item.data?.S ?? '');
  }
}

function stepOfFinding(data: string): Step {
  const status = /"delivery":\{"status":"(\w+)"/.exec(data)?.[1];
  if (status === 'claimed') return 'claim-finding';
  return status === 'notified' ? 'finding-told' : 'save-finding';
}

function stepOfDelete({ Key = {} }: LedgerInput): Step {
  const partition = Key.pk?.S?.split('#')[0];
  switch (partition) {
    case 'lease':
      return 'return-lease';
    case 'open':
      return 'save-open-stream';
    case 'pending':
    case 'pending-bus':
    case 'pending-chat':
      return 'unlist-pending';
    default:
      return 'set-aside';
  }
}
