import { PublishCommand } from '@aws-sdk/client-sns';
import { sliceStreamsMax } from '../../../lambda/flood/change-budget.ts';
import { floodActorsMax } from '../../../lambda/flood/change-flood.ts';
import { grant, type HeldEvent, monitorWith, tickAt } from '../setup/pack-fixture.ts';

/** The change to bury: it comes after the whole flood, in a stream of its own. */
const quiet = (minute: number): HeldEvent => ({
  ...grant('eve', `2026-03-01T08:${minute}:59.000`, 'Admin'),
  logStream: 'dag_id=quiet/run_id=r/task_id=give/attempt=1.log',
});

/** Forged grants of Admin, each in the stream of a task that does not exist. */
function forged(minute: number, count: number, dagOf = (at: number) => `a${at}`): HeldEvent[] {
  return Array.from({ length: count }, (_, at) => {
    const ms = String(Math.floor((at * 50_000) / count)).padStart(5, '0');
    return {
      ...grant(`u${at}`, `2026-03-01T08:${minute}:${ms.slice(0, 2)}.${ms.slice(2)}`, 'Admin'),
      logStream: `dag_id=${dagOf(at)}/run_id=${minute}/task_id=t${at}/attempt=1.log`,
    };
  });
}

/** Whether a message that was published names the DAG of the quiet change. */
function isNamed({ sns }: ReturnType<typeof monitorWith>): boolean {
  return sns.commandCalls(PublishCommand).some((call) => {
    const { email } = JSON.parse(call.args[0].input.Message ?? '');
    return /\bDAG quiet\b/.test(email);
  });
}

test('an actor who joins a flood after its notification is named in a message', async () => {
  const many = sliceStreamsMax + 40;
  const fixture = monitorWith([...forged(51, many), ...forged(56, many), quiet(56)]);
  await tickAt(fixture, '08:55');
  await tickAt(fixture, '09:00');
  await tickAt(fixture, '09:05');
  expect(isNamed(fixture)).toBe(true);
});

test('however many actors are invented, the real one is named within a tick', async () => {
  const many = sliceStreamsMax + 3 * floodActorsMax;
  const fixture = monitorWith([...forged(51, many), quiet(51)]);
  await tickAt(fixture, '08:55');
  await tickAt(fixture, '09:00');
  expect(isNamed(fixture)).toBe(true);
});

test('many tasks of one DAG displace the stream of no other DAG', async () => {
  const fixture = monitorWith([...forged(51, sliceStreamsMax + 40, () => 'mapped'), quiet(51)]);
  await tickAt(fixture, '08:55');
  await tickAt(fixture, '09:00');
  const targets = fixture.table
    .items()
    .filter(({ sk }) => `${sk}`.startsWith('finding#'))
    .flatMap(({ data }) => (data === undefined ? [] : [JSON.parse(`${data}`)]))
    .map(({ finding }) => finding.target);
  expect(targets).toContain('eve');
});
