import { StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs';
import { allGroups, awsError } from '../setup/monitor-fixture.ts';
import { grant, monitorWith, published, tickAt } from '../setup/pack-fixture.ts';

type Fixture = ReturnType<typeof monitorWith>;

/** Makes StartQuery fail until the returned function is called. */
function refusingToStart(fixture: Fixture, name: string): () => void {
  const { logs } = fixture.monitor;
  const send = logs.send.bind(logs);
  let isRefused = true;
  Object.assign(logs, {
    send: async (command: object, ...rest: never[]) => {
      if (isRefused && command instanceof StartQueryCommand) throw awsError(name, '', 503);
      return Reflect.apply(send, logs, [command, ...rest]);
    },
  });
  return () => {
    isRefused = false;
  };
}

// If each of 300 monitors came back with slices of a second, the account would stay full for ever.
test.each(['LimitExceededException', 'ThrottlingException', 'ServiceUnavailableException'])(
  'an hour in which no query can start (%s) is read in one slice for all log groups',
  async (name) => {
    const fixture = monitorWith([grant('bob', '2026-03-01T08:30:00.000')]);
    await tickAt(fixture, '08:00');
    const accept = refusingToStart(fixture, name);
    for (let minute = 5; minute < 60; minute += 5) {
      const time = `08:${String(minute).padStart(2, '0')}`;
      await expect(tickAt(fixture, time)).rejects.toThrow();
    }
    accept();
    fixture.asked.length = 0;
    await tickAt(fixture, '09:00');
    const seconds = (time: string) => Date.parse(`2026-03-01T${time}:00Z`) / 1000;
    expect(fixture.asked[0]).toEqual({
      ...{ start: seconds('07:55'), end: seconds('08:55') },
      logGroups: allGroups,
    });
    expect(published(fixture).filter(({ target }) => target === 'bob')).toHaveLength(1);
  },
);
