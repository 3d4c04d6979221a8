import { PublishCommand } from '@aws-sdk/client-sns';
import fc from 'fast-check';
import { createHandler } from '../../../lambda/tick/create-handler.ts';
import { tickDeadlines } from '../../../lambda/tick/run-tick.ts';
import { SeededRandom } from '../../simulation/seeded-random.ts';
import { fetchAnswer } from '../../simulation/services/mwaa.ts';
import { VirtualTime } from '../../simulation/virtual-time.ts';
import { byDag, idsOf, namedIn, waitingFindings } from '../setup/delivery-fixture.ts';
import { environmentAnswer, putValues, scheduledEvent } from '../setup/monitor-fixture.ts';

const shortestRunMs = 60_000;
/** What the runtime needs at least to report our error. */
const exitMs = 500;
const tickEpochMs = Date.parse(scheduledEvent.time);
const findings = Array.from({ length: 400 }, (_, number) => byDag(number, `dag_${number % 7}`));

/** An SDK call, which ends without an answer if it takes longer than its timeout. */
type Send = (command: object, options: { readonly requestTimeout: number }) => Promise<unknown>;

/** A monitor with pending findings, all of whose calls take time. */
async function slowMonitor() {
  const fixture = await waitingFindings(findings);
  const time = new VirtualTime(0);
  let answerMs = () => 10;
  const { monitor, cloudWatch, sns, table } = fixture;
  for (const client of [monitor.dynamo, monitor.sns, monitor.cloudWatch, monitor.logs]) {
    const pass = client.send.bind(client) as unknown as Send;
    const send: Send = (command, options) =>
      new Promise((resolve, reject) => {
        const ms = answerMs();
        const lost = Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });
        if (ms > options.requestTimeout) time.after(options.requestTimeout, () => reject(lost));
        // It is carried out all the same, without an answer.
        time.after(ms, () => void Promise.resolve(pass(command, options)).then(resolve, reject));
      });
    Object.assign(client, { send });
  }
  // Reading a real Response takes real time.
  const fetch = async () => fetchAnswer(200, environmentAnswer());
  const handler = createHandler(async () => ({
    ...monitor,
    mwaa: { ...monitor.mwaa, fetch: fetch as unknown as typeof monitor.mwaa.fetch },
    clock: { nowEpochMs: () => tickEpochMs + time.nowEpochMs },
    timer: {
      monotonicMs: () => time.nowEpochMs,
      sleep: (milliseconds) =>
        new Promise((resolve) => {
          time.after(milliseconds, () => resolve());
        }),
    },
  }));
  return {
    ...fixture,
    /** Runs the tick that is N minutes later; `leftMs` is the time until Lambda kills it. */
    async run(afterMinutes: number, answersMs: () => number) {
      await time.runUntil(afterMinutes * 60_000);
      cloudWatch.resetHistory();
      answerMs = answersMs;
      const endMs = time.nowEpochMs + shortestRunMs;
      const tick = new Date(tickEpochMs + afterMinutes * 60_000).toISOString();
      let leftMs = Number.NEGATIVE_INFINITY;
      const ended = () => {
        leftMs = endMs - time.nowEpochMs;
      };
      void handler(
        { ...scheduledEvent, time: tick.replace('.000Z', 'Z') },
        { getRemainingTimeInMillis: () => endMs - time.nowEpochMs },
      ).then(ended, ended);
      // Until its first call is entered.
      await new Promise(setImmediate);
      await time.runUntil(endMs);
      const hasLease = table.items().some(({ pk }) => pk === 'lease');
      return { leftMs, hasLease, puts: putValues(cloudWatch) };
    },
    named: () => namedIn(sns.commandCalls(PublishCommand).map((call) => call.args[0].input)),
  };
}

test('each deadline leaves time for a call that begins right at it, and for the next step', () => {
  const timer = { monotonicMs: () => 0, sleep: async () => {} };
  for (const remainingMs of [shortestRunMs, 300_000]) {
    const { scanDeadline, deadline, metricsDeadline, leaseDeadline } = tickDeadlines(
      timer,
      remainingMs,
    );
    const ends = [scanDeadline, deadline, metricsDeadline, leaseDeadline].map((end) =>
      end.remainingMs(),
    );
    for (const [at, end] of ends.entries()) {
      expect((ends[at + 1] ?? remainingMs) - end).toBeGreaterThanOrEqual(1_000 + exitMs);
    }
  }
});

test('however slow its calls are, a run puts its metrics and ends in time, and the next one reports each remaining finding once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        usualMs: fc.integer({ min: 5, max: 400 }),
        slowMs: fc.integer({ min: 400, max: 9_000 }),
        slowPercent: fc.integer({ min: 0, max: 4 }),
        seed: fc.nat(),
      }),
      async ({ usualMs, slowMs, slowPercent, seed }) => {
        const random = new SeededRandom(seed, 'answers');
        const monitor = await slowMonitor();
        const slow = await monitor.run(0, () =>
          random.chance(slowPercent / 100) ? slowMs : usualMs,
        );
        expect(slow.leftMs).toBeGreaterThanOrEqual(exitMs);
        expect(slow.hasLease).toBe(false);
        const notYet = findings.length - monitor.idsWith('notified').size;
        expect(slow.puts).toMatchObject({ ScanCompleted: expect.any(Number) });
        // A recorded finding whose answer was lost may count as undelivered.
        expect(slow.puts.UndeliveredFindings).toBeGreaterThanOrEqual(notYet);
        for (const minutes of [5, 10]) await monitor.run(minutes, () => 5);
        const named = monitor.named();
        expect(new Set(named)).toEqual(idsOf(findings));
        const inDoubt = monitor.findings().filter(({ unknownPublishes }) => unknownPublishes > 0);
        expect(named.length - findings.length).toBeLessThanOrEqual(inDoubt.length);
        expect(monitor.idsWith('notified')).toEqual(idsOf(findings));
      },
    ),
    { numRuns: 20 },
  );
});
