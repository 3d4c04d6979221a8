import fc from 'fast-check';
import {
  cutAround,
  eventKey,
  observe,
  observeEvent,
} from '../../../lambda/lines/event-identity.ts';
import type { Signal } from '../../../lambda/model/signal.ts';
import { detectionsById } from '../../../lambda/plan/detections-by-id.ts';
import { redactionMark } from '../../../lambda/redact/redact.ts';
import { countSteps } from '../../counted-steps.ts';
import { planRegexp } from '../../regexp-programs.ts';

const matched = {
  logGroup: 'airflow-prod-Task',
  logStream: 'dag_id=x/run_id=y/task_id=z/attempt=1.log',
  timestamp: 1795326505546,
  message: 'airflow users create -u bob -p Fake-pw-1',
  detections: ['privilege-command-run'],
};

describe("an event's identity", () => {
  test.each([
    [{ logGroup: 'airflow-prod-Worker' }],
    [{ logStream: 'other' }],
    [{ timestamp: 1795326505547 }],
    [{ message: 'airflow users create -u bob -p Fake-pw-2' }],
  ])('differs with %j', (difference) => {
    expect(eventKey({ ...matched, ...difference })).not.toBe(eventKey(matched));
  });

  test('depends on the message as it was written, not as it is shown', () => {
    const one = observe(matched, []);
    const other = observe({ ...matched, message: matched.message.replace('-1', '-2') }, []);
    expect(one.message).toBe(other.message);
    expect(one.key).not.toBe(other.key);
  });

  test('does not depend on what was read from it', () => {
    expect(observe({ ...matched, detections: [] }, []).key).toBe(observe(matched, []).key);
  });
});

describe('the stored part of an event', () => {
  test('is redacted', () => {
    expect(observe(matched, []).message).toBe(`airflow users create -u bob -p ${redactionMark}`);
  });

  test('is redacted before it is cut, so that a cut never leaves half a secret', () => {
    const message = `-p '${'Zq '.repeat(2000)}' airflow users create -u bob`;
    for (const anchors of [['users'], ['Zq'], []]) {
      expect(observe({ ...matched, message }, [], anchors).message).not.toMatch(/Zq/);
    }
  });

  test('has the first anchor in it, however long the line', () => {
    const message = `${'x'.repeat(50_000)} add-role -u bob ${'y'.repeat(50_000)}`;
    const kept = observe({ ...matched, message }, [], ['nothing', 'add-role']).message;
    expect(kept).toContain('add-role -u bob');
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(1024);
  });

  test('has the name that was read in it if no anchor is known', () => {
    const message = `${'x'.repeat(5_000)} bob ${'y'.repeat(5_000)}`;
    const signal = {
      kind: 'outcome' as const,
      detections: ['d'],
      severity: 'high' as const,
      target: 'bob',
    };
    expect(observe({ ...matched, message }, [signal]).message).toContain(' bob ');
  });
});

describe('observing an event by the detections that found it', () => {
  const detections = detectionsById({
    detections: [
      {
        id: 'cli-role-granted',
        title: 'Airflow CLI granted a role',
        severity: 'high',
        raise: [],
        signal: 'outcome',
        verb: 'grant-role',
        parse: [planRegexp('User "([^"]+)" added to role "([^"]+)"', { target: 1, role: 2 })],
        attack: ['T1098.003'],
        runbook: 'docs/runbooks/role-granted.md',
        anchors: ['added to role'],
      },
    ],
  });
  const matchedBy = (message: string) => ({
    ...matched,
    message,
    detections: ['cli-role-granted'],
  });

  test('reads signals from the line as it was written, and keeps the line around the anchor', () => {
    const message = `${'x'.repeat(4000)} -p Fake-pw-1 User "bob" added to role "Admin"`;
    const observed = observeEvent(matchedBy(message), { detections });
    expect(observed.signals).toMatchObject([{ target: 'bob', role: 'Admin', verb: 'grant-role' }]);
    expect(observed.message).toContain('User "bob" added to role "Admin"');
    expect(observed.message).not.toContain('Fake-pw');
  });

  test('keeps no message of an event without a signal', () => {
    const event = { ...matched, detections: ['gone'] };
    expect(observeEvent(event, { detections })).toMatchObject({ message: '', signals: [] });
  });
});

describe('of a line with too many signals', () => {
  const signals = Array.from(
    { length: 5_000 },
    (_, at): Signal => ({
      kind: 'command',
      detections: ['privilege-command-run'],
      severity: 'medium',
      verb: 'grant-role',
      target: `user-${at}`,
    }),
  );
  const withAt = (at: number, difference: Partial<Signal>) =>
    signals.map((signal, index) => (index === at ? { ...signal, ...difference } : signal));

  test('the first and the last are kept in their order, and the others are counted', () => {
    const kept = observe(matched, signals);
    expect(kept.signals[0]).toEqual(signals[0]);
    expect(kept.signals.at(-1)).toEqual(signals.at(-1));
    expect(kept.signals.slice(0, -1)).toEqual(signals.slice(0, kept.signals.length - 1));
    expect(kept.omitted).toEqual({ count: 5_000 - kept.signals.length, severity: 'medium' });
  });

  test.each<Partial<Signal>>([{ severity: 'critical' }, { role: 'Admin' }])(
    'the one with %j goes on, wherever it is',
    (difference) => {
      for (const at of [1, 2_500, 4_998]) {
        const kept = observe(matched, withAt(at, difference)).signals;
        expect(kept).toContainEqual(expect.objectContaining(difference));
      }
    },
  );

  test('the worst severity among the omitted ones is stored', () => {
    const severe = signals.map((signal): Signal => ({ ...signal, severity: 'high' }));
    expect(observe(matched, [...signals, ...severe]).omitted?.severity).toBe('high');
  });

  test('the kept signals fit into a ledger item, however long their names are', () => {
    const long = signals.map((signal) => ({
      ...signal,
      target: '運'.repeat(1_000) + signal.target,
    }));
    const kept = observe(matched, long);
    expect(kept.signals.length).toBeGreaterThan(2);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(110_000);
    expect(kept.signals.length + (kept.omitted?.count ?? 0)).toBe(5_000);
  });

  test('the same event gives the same signals', () => {
    expect(observe(matched, withAt(7, { role: 'Op' }))).toEqual(
      observe(matched, withAt(7, { role: 'Op' })),
    );
  });
});

describe('cutting a line', () => {
  test('reads no more of a long line than it returns', () => {
    const text = 'é'.repeat(100_000);
    // Counting its bytes takes one step for each character.
    expect(countSteps(() => cutAround(text, 50_000))).toBeLessThan(1.2 * text.length);
  });

  test('leaves short lines as they are', () => {
    expect(cutAround('short', 2)).toBe('short');
  });

  test('stays within its bytes, with whole characters and an ellipsis for what is missing', () => {
    const line = fc
      .array(fc.constantFrom('a', 'é', '運', '😀', ' '), { minLength: 500, maxLength: 2000 })
      .map((characters) => characters.join(''));
    fc.assert(
      fc.property(line, fc.double({ min: 0, max: 1, noNaN: true }), (text, part) => {
        const position = Math.floor(part * text.length);
        const cut = cutAround(text, position);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1024);
        expect(cut.isWellFormed()).toBe(true);
        expect(text).toContain(cut.replace(/^…|…$/g, ''));
        if (Buffer.byteLength(text) > 1024) {
          expect(cut).toMatch(/^…|…$/);
          expect(Buffer.byteLength(cut)).toBeGreaterThan(1024 - 12);
        }
      }),
    );
  });
});
