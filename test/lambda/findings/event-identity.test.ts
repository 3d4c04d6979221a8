import fc from 'fast-check';
import { cutAround } from '../../../lambda/findings/cut-message.ts';
import { eventKey, observe } from '../../../lambda/findings/event-identity.ts';
import { redactionMark } from '../../../lambda/redact.ts';

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

  test('is of the message as it was written, not as it is shown', () => {
    const one = observe(matched, []);
    const other = observe({ ...matched, message: matched.message.replace('-1', '-2') }, []);
    expect(one.message).toBe(other.message);
    expect(one.key).not.toBe(other.key);
  });

  test('does not depend on what was read from it', () => {
    expect(observe({ ...matched, detections: [] }, []).key).toBe(observe(matched, []).key);
  });
});

describe('what is kept of an event', () => {
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

  test('has the name that was read in it where no anchor is known', () => {
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

test('of a line that names thousands, as many signals are kept as an item of the ledger holds', () => {
  const signals = Array.from({ length: 5_000 }, (_, at) => ({
    kind: 'command' as const,
    detections: ['privilege-command-run'],
    severity: 'medium' as const,
    target: `user-${at}`,
  }));
  const kept = observe(matched, signals).signals;
  expect(kept).toEqual(signals.slice(0, kept.length));
  expect(kept.length).toBeGreaterThan(100);
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(110_000);
});

describe('cutting a line', () => {
  test('leaves short lines as they are', () => {
    expect(cutAround('short', 2)).toBe('short');
  });

  test('stays within its bytes, whole characters only, with an ellipsis where something is missing', () => {
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
