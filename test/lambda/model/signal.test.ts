import { observedEventSchema } from '../../../lambda/model/signal.ts';

/** A line as the ledger stores it, whose signal has a verb. */
const stored = (verb: unknown) => ({
  ...{ key: 'k', logGroup: 'airflow-prod-Task', logStream: 's', timestamp: 1 },
  ...{ message: 'a line', occurrences: 1 },
  signals: [{ kind: 'outcome', detections: ['vault'], severity: 'critical', verb, target: 'bob' }],
});

test('a line keeps a verb that this version knows', () => {
  const [signal] = observedEventSchema.parse(stored('grant-role')).signals;
  expect(signal).toMatchObject({ verb: 'grant-role', severity: 'critical' });
});

test('a line with a verb of another version stays, as severe, without the verb', () => {
  const [signal] = observedEventSchema.parse(stored('paint-user')).signals;
  expect(signal).toMatchObject({ severity: 'critical', target: 'bob' });
  expect(signal?.verb).toBeUndefined();
});

test('a verb that is not text is refused', () => {
  expect(observedEventSchema.safeParse(stored(5)).success).toBe(false);
});
