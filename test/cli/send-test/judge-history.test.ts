import { actionResult, judgeAction } from '../../../cli/send-test/judge-history.ts';

const topic = 'arn:aws:sns:eu-west-1:111122223333:Alarms';
const item = (summary: string, changes: object = {}) => ({
  HistoryItemType: 'Action' as const,
  HistorySummary: summary,
  Timestamp: new Date(1_000),
  ...changes,
});
const about = {
  alarm: 'monitor-test',
  environment: 'prod',
  configured: { kind: 'file', stack: 'MonitorStack-prod' },
  waitedSeconds: 60,
} as const;

test('a success is recognized by the summary or by the data alone', () => {
  const success = { kind: 'succeeded' };
  expect(actionResult([item(`Successfully executed action ${topic}`)], topic, 0)).toEqual(success);
  const data = JSON.stringify({ actionState: 'Succeeded', notificationResource: topic });
  expect(actionResult([item(`action ${topic}`, { HistoryData: data })], topic, 0)).toEqual(success);
});

test.each([
  ['of an action on another topic', [item(`Successfully executed action ${topic}-2`)]],
  [
    'of an earlier test',
    [item(`Successfully executed action ${topic}`, { Timestamp: new Date(0) })],
  ],
  ['of a change of state', [item(topic, { HistoryItemType: 'StateUpdate' })]],
  ['that cannot be parsed', [item(`action ${topic}`, { HistoryData: '{' })]],
  ['at all', []],
])('an entry %s is not a result', (_, items) => {
  expect(actionResult(items, topic, 0)).toBeUndefined();
});

/** The texts as reported by users and as in the data. */
test.each([
  [
    'the key refuses',
    item(
      `Failed to execute action ${topic}. Received error: "CloudWatch Alarms does not have authorization to access the SNS topic encryption key."`,
    ),
    'CloudWatch Alarms does not have authorization to access the SNS topic encryption key.',
    'kms:GenerateDataKey*',
  ],
  [
    'KMS refuses',
    item(
      `Failed to execute action ${topic}. Received error: "null (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException)"`,
    ),
    'Error Code: AccessDeniedException',
    'kms:GenerateDataKey*',
  ],
  [
    "the topic's policy refuses",
    item(`Failed to execute action ${topic}`, {
      HistoryData: JSON.stringify({
        actionState: 'Failed',
        error: `CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: ${topic}`,
      }),
    }),
    'is not authorized to perform: SNS:Publish',
    'sns:Publish for this alarm',
  ],
  [
    'there is no reason',
    item(`Failed to execute action ${topic}`),
    'Failed to execute',
    'npx cdk drift MonitorStack-prod',
  ],
])('when %s, the error is shown with a fix', (_, entry, text, fix) => {
  const step = judgeAction(actionResult([entry], topic, 0), about);
  expect(step).toMatchObject({ step: 'alarm-action', ok: false });
  expect(step.detail).toContain(text);
  expect(step.fix).toContain(fix);
});

test('the newest entry decides', () => {
  const items = [
    item(`Successfully executed action ${topic}`, { Timestamp: new Date(2_000) }),
    item(`Failed to execute action ${topic}`),
  ];
  expect(actionResult(items, topic, 0)).toEqual({ kind: 'succeeded' });
});

test('no entry in time is a failure', () => {
  expect(judgeAction(undefined, about)).toMatchObject({
    ok: false,
    detail: 'the history of monitor-test has no action after 60 s',
    fix: expect.stringContaining('describe-alarm-history --alarm-name monitor-test'),
  });
});

test('for a monitor without a file, the commands repeat its options', () => {
  const refusal = item(
    `Failed to execute action ${topic}. Received error: "no authorization to access the SNS topic encryption key."`,
  );
  const byOptions = {
    ...about,
    configured: { kind: 'options', mwaaEnvironment: 'prod' },
  } as const;
  expect(judgeAction(actionResult([refusal], topic, 0), byOptions).fix).toContain(
    ': npx cdk deploy --revert-drift -c mwaaEnvironment=prod -c email=ADDRESS, with every -c of the last deployment, puts the statement back',
  );
});
