import { SessionTally, sessionGroups } from '../../../../local/demo/session/session.ts';
import type { LogEvent } from '../../../../local/log-event.ts';

describe('sessionGroups', () => {
  test('the environment comes from the log groups, which are ordered by log type', () => {
    expect(sessionGroups(['airflow-a-Task-b-Worker', 'airflow-a-Task-b-Scheduler'])).toEqual({
      mwaaEnvironment: 'a-Task-b',
      logGroups: [
        { logType: 'Scheduler', logGroup: 'airflow-a-Task-b-Scheduler' },
        { logType: 'Worker', logGroup: 'airflow-a-Task-b-Worker' },
      ],
      ignored: [],
    });
  });

  test('log groups of other services are reported as ignored', () => {
    expect(sessionGroups(['airflow-Prod-Task', '/aws/lambda/x']).ignored).toEqual([
      '/aws/lambda/x',
    ]);
  });

  test('two environments are refused by name', () => {
    expect(() => sessionGroups(['airflow-Prod-Task', 'airflow-Dev-Task'])).toThrow(
      'the logs contain 2 MWAA environments (Prod, Dev); only one can be replayed at a time',
    );
  });

  test('lines that name no environment beside others that do are refused with the option to give', () => {
    expect(() => sessionGroups(['airflow-local-Task', 'airflow-Prod-Task'])).toThrow(
      '--environment Prod makes them of Prod',
    );
  });

  test.each([
    ['no log group at all', [], 'found no events'],
    ['none of MWAA', ['/aws/lambda/x'], 'found /aws/lambda/x'],
    ['a name that AWS would refuse', ['airflow-../x-Task'], 'found airflow-../x-Task'],
  ])('%s is refused', (_, logGroups, message) => {
    expect(() => sessionGroups(logGroups)).toThrow(message);
  });
});

describe('SessionTally', () => {
  test('a sample hides the password of its command', async () => {
    const message = 'airflow users create -u eve -p Fake-pw-12345 # then add-role';
    const tally = new SessionTally();
    for await (const _ of tally.count(asAsync([event({ message })])));
    const [sample] = [...(tally.groups.get('airflow-Prod-Task')?.samples.values() ?? [])];
    expect(sample?.message).toContain('add-role');
    expect(sample?.message).not.toContain('Fake-pw');
  });

  test('keeps one event of each kind as a sample, whatever its ids and times', async () => {
    const messages = [
      '[2026-11-22T05:47:51] Running add-role run_1',
      '[2026-11-22T05:48:51] Running add-role run_2',
      'airflow users add-role -u bob',
    ];
    const tally = new SessionTally();
    const counted = tally.count(asAsync(messages.map((message) => event({ message }))));
    for await (const _ of counted);
    const kept = [...(tally.groups.get('airflow-Prod-Task')?.samples.values() ?? [])];
    expect(kept.map(({ message }) => message)).toEqual([messages[0], messages[2]]);
  });

  test('counts events and those with the literal by group, and yields every event', async () => {
    const events = [
      event({}),
      event({ message: 'Add-Role', timestamp: 500 }),
      event({ logGroup: 'airflow-Prod-Worker', timestamp: 3000 }),
    ];
    const tally = new SessionTally();
    const handedOn: LogEvent[] = [];
    for await (const handed of tally.count(asAsync(events))) handedOn.push(handed);
    expect(handedOn).toEqual(events);
    expect(tally.groups.get('airflow-Prod-Task')).toMatchObject({
      events: 2,
      eventsWithAddRole: 1,
    });
    expect(tally).toMatchObject({ events: 3, firstEventEpochMs: 500, lastEventEpochMs: 3000 });
  });
});

function event(changes: Partial<LogEvent>): LogEvent {
  return {
    logGroup: 'airflow-Prod-Task',
    logStream: 's',
    timestamp: 1000,
    message: 'airflow users add-role',
    ...changes,
  };
}

async function* asAsync<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
