import fc from 'fast-check';
import { hourMs } from '../../../lambda/common/time.ts';
import { floodActorLines, floodRecord } from '../../../lambda/findings/flood-finding.ts';
import {
  sliceSignalsMax,
  sliceStreamsMax,
  streamMinuteSignalsMax,
  streamsWithinBudget,
  withinBudget,
  withoutForeignResults,
} from '../../../lambda/flood/change-budget.ts';
import {
  addToFlood,
  floodActorsMax,
  floodStreamsMax,
  signalCount,
  withStreams,
} from '../../../lambda/flood/change-flood.ts';
import { digestOf } from '../../../lambda/messages/digest.ts';
import { notificationOf } from '../../../lambda/messages/notification.ts';
import type { Severity } from '../../../lambda/model/severity.ts';
import type { ObservedEvent, Signal } from '../../../lambda/model/signal.ts';
import { sampleSender } from '../setup/sample-finding.ts';

const base = 500_000 * hourMs;

function line(offsetMs: number, changes: Partial<Signal> = {}, place: Partial<ObservedEvent> = {}) {
  return {
    key: `${offsetMs}${JSON.stringify(changes)}`,
    logGroup: 'airflow-prod-Task',
    logStream: 'dag_id=d/run_id=r/task_id=t/attempt=1.log',
    timestamp: base + offsetMs,
    message: `line at ${offsetMs}`,
    occurrences: 1,
    signals: [
      { kind: 'outcome', detections: ['d'], severity: 'high', verb: 'grant-role', ...changes },
    ],
    ...place,
  } satisfies ObservedEvent as ObservedEvent;
}

const flood = (count: number, stepMs = 1) =>
  Array.from({ length: count }, (_, at) => line(at * stepMs, { target: `u${at}`, role: 'Op' }));
const keysOf = (lines: readonly ObservedEvent[]) => lines.map(({ key }) => key);
const nothingKnown = () => false;

describe('the budget of a stream', () => {
  test('takes the first lines of each minute', () => {
    const lines = flood(streamMinuteSignalsMax + 2);
    const later = line(60_000, { target: 'later' });
    const { lines: taken, rest } = withinBudget([later, ...lines.toReversed()], nothingKnown);
    expect(keysOf(rest)).toEqual(keysOf(lines.slice(streamMinuteSignalsMax)));
    expect(taken).toHaveLength(streamMinuteSignalsMax + 1);
    expect(taken).toContain(later);
  });

  test('takes no line after the first that exceeds it, and keeps known lines', () => {
    const lines = flood(streamMinuteSignalsMax + 2);
    const early = line(-1 + 1, { target: 'late to come' });
    const known = new Set(keysOf(lines.slice(0, streamMinuteSignalsMax)));
    const { lines: taken, rest } = withinBudget([early, ...lines], ({ key }) => known.has(key));
    expect(new Set(keysOf(taken))).toEqual(known);
    expect(rest).toHaveLength(3);
  });

  test('does not depend on the slices in which the lines were read', () => {
    const lines = flood(3 * streamMinuteSignalsMax, 60);
    const cuts = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 6 });
    const whole = withinBudget(lines, nothingKnown);
    fc.assert(
      fc.property(cuts, (seconds) => {
        const known = new Set<string>();
        const rest: string[] = [];
        const ends = [...new Set(seconds)].sort((a, b) => a - b).concat(1_000);
        let from = 0;
        for (const end of ends) {
          const slice = lines.filter(
            ({ timestamp }) => timestamp >= base + from && timestamp < base + end * 1000,
          );
          const held = lines.filter(({ key }) => known.has(key));
          const parted = withinBudget([...held, ...slice], ({ key }) => known.has(key));
          for (const key of keysOf(parted.lines)) known.add(key);
          rest.push(...keysOf(parted.rest));
          from = end * 1000;
        }
        expect(rest).toEqual(keysOf(whole.rest));
        expect(known).toEqual(new Set(keysOf(whole.lines)));
      }),
      { numRuns: 30 },
    );
  });
});

describe('the budget of a log group’s slice', () => {
  const streams = (count: number, make: (at: number) => ObservedEvent[]) =>
    new Map(Array.from({ length: count }, (_, at) => [`s${at}`, make(at)]));

  test('takes a fixed number of streams, the worst first', () => {
    const all = streams(sliceStreamsMax + 5, (at) => [line(at, { severity: 'medium' })]);
    all.set('worst', [line(9_999, { severity: 'critical' })]);
    const chosen = streamsWithinBudget(all);
    expect(chosen.size).toBe(sliceStreamsMax);
    expect(chosen).toContain('worst');
    expect(chosen).not.toContain(`s${sliceStreamsMax + 4}`);
  });

  test('takes streams until their signals exceed it', () => {
    const each = streamMinuteSignalsMax;
    const all = streams(20, (at) =>
      flood(each + 100).map((one) => ({ ...one, key: `${at}${one.key}` })),
    );
    expect(streamsWithinBudget(all).size).toBe(sliceSignalsMax / each);
  });

  test('refused requests, reads and failures do not make a stream the worst', () => {
    const request = { kind: 'request', severity: 'critical', outcome: 'succeeded' } as const;
    const all = streams(sliceStreamsMax, (at) => [line(at, { severity: 'medium' })]);
    all.set('look', [line(0, { ...request, method: 'GET' })]);
    all.set('refused', [line(0, { ...request, method: 'POST', outcome: 'denied' })]);
    expect(streamsWithinBudget(all)).not.toContain('look');
    expect(streamsWithinBudget(all)).not.toContain('refused');
  });
});

describe('results of statements', () => {
  const result = { kind: 'result', severity: 'info', outcome: 'succeeded' } as const;
  const statement = { kind: 'statement', verb: 'write-metadata-tables' } as const;
  const kept = (lines: readonly ObservedEvent[]) =>
    withoutForeignResults(lines, { correlateSeconds: 180 }).map(
      ({ timestamp }) => timestamp - base,
    );

  test('count if they are the first after a statement on users or roles', () => {
    const lines = [
      ...[line(0, result), line(10, statement), line(20, result), line(30, result)],
      ...[line(40, statement), line(180_041, result)],
    ];
    expect(kept(lines)).toEqual([10, 20, 40]);
  });

  test('count once for each kind, until rows changed', () => {
    const none = { ...result, outcome: 'no-effect' } as const;
    const failed = { ...result, outcome: 'failed' } as const;
    const lines = [
      ...[line(0, statement), line(10, none), line(20, none), line(30, failed), line(40, failed)],
      ...[line(50, result), line(60, none), line(70, failed)],
    ];
    expect(kept(lines)).toEqual([0, 10, 30, 50]);
  });

  test('count after a command with SQL, separately for a hook and for psql', () => {
    const command = { kind: 'command', verb: 'write-metadata-tables' } as const;
    const answer = { ...result, object: 'INSERT 0 1' } as const;
    const lines = [
      ...[line(0, answer), line(10, command), line(20, result), line(30, answer)],
      ...[line(40, answer), line(50, { ...command, verb: 'grant-role' }), line(60, answer)],
    ];
    expect(kept(lines)).toEqual([10, 20, 30, 50]);
  });
});

describe('a flood', () => {
  const place = {
    logGroup: 'airflow-prod-Task',
    logStream: 's',
    streamId: 'id',
    hourEpochMs: base,
  };
  const about = { environment: 'prod', region: 'eu-west-1', tickEpochMs: base + hourMs };

  test('has the worst severity of its lines, and names everybody', () => {
    const lines = [
      ...flood(600),
      line(700, { target: 'eve', role: 'Admin', severity: 'critical' }),
      line(
        800,
        { target: 'bob', role: 'Op' },
        { logStream: 'dag_id=e/run_id=r/task_id=u/attempt=1.log' },
      ),
    ];
    const made = addToFlood(undefined, lines);
    if (made === undefined) throw new Error('no flood was made');
    const { finding } = floodRecord(made, place, about);
    expect(finding.severity).toBe('critical');
    expect(finding.role).toMatch(/^Admin, Op/);
    expect(finding.target).toMatch(/^eve, /);
    const text = finding.evidence.map(({ message }) => message).join('\n');
    expect(text).toContain('DAG d, task t (critical, 601: eve / Admin)');
    expect(text).toContain('DAG e, task u (high, 1: bob / Op)');
    expect(text).toContain('grant-role high: 601');
    expect(text).toContain('more names');
    expect(finding.evidence.every(({ message }) => message.length <= 1_024)).toBe(true);
  });

  test('a slice that is read again adds nothing', () => {
    const lines = flood(900, 10);
    const once = addToFlood(undefined, lines);
    expect(addToFlood(once, lines)).toEqual(once);
  });

  test('counts the same in slices of any whole seconds', () => {
    const lines = Array.from({ length: 900 }, (_, at) => line(at * 10, { target: `u${at % 90}` }));
    const whole = addToFlood(undefined, lines);
    const parts = [0, 3, 9].map((second, at, all) =>
      lines.filter(
        ({ timestamp }) =>
          timestamp - base >= second * 1000 && timestamp - base < (all[at + 1] ?? 99) * 1000,
      ),
    );
    let made = addToFlood(undefined, []);
    for (const part of parts) made = addToFlood(made, part);
    expect(made).toEqual(whole);
  });

  test('counts a late line and takes its severity', () => {
    const lines = flood(900, 10);
    const late = line(5_001, { severity: 'critical', target: 'eve' });
    const made = addToFlood(addToFlood(undefined, lines), [...lines, late]);
    expect(made?.severity).toBe('critical');
    expect(made && signalCount(made)).toBe(901);
    expect(made?.targets[0]).toEqual({ name: 'eve', severity: 'critical' });
  });

  test('counts omitted signals, with their worst severity', () => {
    const omitted = { count: 500, severity: 'critical' as Severity };
    const made = addToFlood(undefined, [], [{ ...line(0), omitted }]);
    expect(made?.severity).toBe('critical');
    expect(made && signalCount(made)).toBe(500);
  });

  // Three times as many actors as a flood names, and six times as many names.
  const overfull = 600;

  test.each([
    ['control characters', '\u0001'],
    ['letters of three bytes', '\u4e2d'],
    ['quotes', '"'],
    ['letters', 'x'],
  ])('fits into an item and names its actors if names are made of %s', (_, unit) => {
    const lines = Array.from({ length: overfull }, (_, at) =>
      line(
        at,
        { target: `${unit.repeat(300)}${at}`, role: `${unit.repeat(300)}${at}` },
        {
          logStream: `dag_id=${at}${unit.repeat(240)}/run_id=r/task_id=${unit.repeat(230)}/attempt=1.log`,
          message: unit.repeat(1_000),
        },
      ),
    );
    const made = addToFlood(undefined, lines);
    if (made === undefined) throw new Error('no flood was made');
    const whole = withStreams(
      made,
      Array.from({ length: floodStreamsMax }, (_, at) => `${at}`.padEnd(32, 'f')),
    );
    const record = floodRecord(whole, { logGroup: place.logGroup, hourEpochMs: base }, about);
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(380_000);
    const { evidence } = record.finding;
    expect(evidence.length).toBeLessThanOrEqual(100);
    expect(Buffer.byteLength(JSON.stringify(evidence))).toBeLessThan(250_000);
    const text = floodActorLines(record.finding).join('; ');
    expect(text.match(/DAG /g)).toHaveLength(floodActorsMax);
    const mail: string = JSON.parse(notificationOf(record.finding, sampleSender).Message).email;
    expect(mail.match(/DAG .{1,300}? \(high, 1:/g)).toHaveLength(floodActorsMax);
    const digest: string = JSON.parse(
      digestOf([record.finding], { sender: sampleSender }).notification.Message,
    ).email;
    expect(digest.match(/DAG .{1,300}? \(high, 1:/g)).toHaveLength(floodActorsMax);
    expect(signalCount(made)).toBe(overfull);
    expect(record.finding.title.length).toBeLessThanOrEqual(250);
  });

  test('keeps actors apart whose long names begin alike', () => {
    const streamOf = (end: string) =>
      `dag_id=${'d'.repeat(90)}${end}/run_id=r/task_id=t/attempt=1.log`;
    const made = addToFlood(
      undefined,
      ['a', 'b'].map((end, at) => line(at, {}, { logStream: streamOf(end) })),
    );
    expect(made?.actors).toHaveLength(2);
  });

  test.each(['\u6f22', '"', '\\', '\u0001'])(
    'of names that take many bytes fits into an item of the ledger: %j',
    (character) => {
      const long = character.repeat(500);
      const lines = Array.from({ length: overfull }, (_, at) =>
        line(
          at,
          { target: `t${at}${long}`, role: `r${at}${long}` },
          {
            logStream: `dag_id=d${at}${long}/run_id=r/task_id=t${long}/attempt=1.log`,
            message: character.repeat(1_000),
          },
        ),
      );
      const made = addToFlood(undefined, lines);
      if (made === undefined) throw new Error('no flood was made');
      const { finding } = floodRecord(made, place, about);
      // Without its evidence, which is left out if DynamoDB refuses the item.
      const record = { ...finding, evidence: [], flood: withStreams(made, manyIds) };
      expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(380 * 1024);
      expect(Buffer.byteLength(JSON.stringify(made.actors))).toBeLessThan(160 * 1024);
      const { actors, unnamedSignals, targets, roles, namesOmitted } = made;
      expect(actors.reduce((sum, { signals }) => sum + signals, unnamedSignals)).toBe(overfull);
      expect(actors.length).toBeGreaterThan(40);
      expect(targets.length + roles.length + namesOmitted).toBe(2 * overfull);
      expect(addToFlood(made, lines)).toEqual(made);
    },
  );
});

const manyIds = Array.from({ length: 5_000 }, (_, at) => `${at}`.padStart(32, '0'));
