import { correlateStream } from '../../../lambda/correlate/derive-stream.ts';
import type { ObservedEvent, Signal } from '../../../lambda/model/signal.ts';
import { growth, linearGrowth } from '../../counted-steps.ts';

const settings = { environment: 'prod', correlateSeconds: 180 };

/** Lines a millisecond apart, so that all of them are within the time in which a line matters. */
function linesOf(size: number, signalAt: (at: number) => Partial<Signal>): ObservedEvent[] {
  return Array.from({ length: size }, (_, at) => ({
    key: String(at).padStart(8, '0'),
    logGroup: 'airflow-prod-Task',
    logStream: 's',
    timestamp: 1_000_000 + at,
    message: `line ${at}`,
    occurrences: 1,
    signals: [{ kind: 'outcome', detections: ['d'], severity: 'high', ...signalAt(at) }],
  }));
}

const command = { kind: 'command', severity: 'medium' } as const;
const grant = { verb: 'grant-role', role: 'Op' } as const;
const half = (
  size: number,
  first: (at: number) => Partial<Signal>,
  then: (at: number) => Partial<Signal>,
) => linesOf(size, (at) => (at < size / 2 ? first(at) : then(at)));

const streams: Readonly<Record<string, (size: number) => ObservedEvent[]>> = {
  'commands of different users': (size) =>
    linesOf(size, (at) => ({ ...command, ...grant, target: `u${at}` })),
  'commands of one user and different roles': (size) =>
    linesOf(size, (at) => ({ ...command, verb: 'grant-role', target: 'u', role: `r${at}` })),
  'one command again and again': (size) =>
    linesOf(size, () => ({ ...command, ...grant, target: 'u' })),
  'commands, then their outcomes': (size) =>
    half(
      size,
      (at) => ({ ...command, ...grant, target: `u${at}` }),
      (at) => ({ ...grant, target: `u${at - size / 2}` }),
    ),
  'commands, then outcomes of others': (size) =>
    half(
      size,
      (at) => ({ ...command, ...grant, target: `u${at}` }),
      (at) => ({ ...grant, target: `v${at}` }),
    ),
  'commands, then failures that fit none of them': (size) =>
    half(
      size,
      (at) => ({ ...command, verb: 'create-user', target: 'u', role: `r${at}` }),
      () => ({ kind: 'failure', severity: 'info', target: 'u' }),
    ),
  'commands, then blocks': (size) =>
    half(
      size,
      (at) => ({ ...command, verb: 'write-metadata-tables', object: `t${at}` }),
      () => ({ kind: 'block', verb: 'bypass-metadata-block', severity: 'low' }),
    ),
  'success lines of different users': (size) =>
    linesOf(size, (at) => ({ ...grant, target: `u${at}` })),
  'success lines of one import': (size) =>
    linesOf(size, (at) => ({ verb: 'import-users', target: `u${at}` })),
  'closing lines': (size) =>
    half(
      size,
      (at) => ({ verb: 'add-permissions', role: `r${at}` }),
      () => ({ verb: 'add-permissions' }),
    ),
  'writes that nobody claims': (size) =>
    linesOf(size, (at) => ({ kind: 'write', verb: 'add-permissions', role: `r${at}` })),
  'writes of one role': (size) =>
    linesOf(size, () => ({ kind: 'write', verb: 'add-permissions', role: 'r' })),
  'writes, then outcomes of other roles': (size) =>
    half(
      size,
      (at) => ({ kind: 'write', verb: 'add-permissions', role: `r${at}` }),
      (at) => ({ verb: 'add-permissions', role: `s${at}` }),
    ),
  'writes and syncs in turn': (size) =>
    linesOf(size, (at) =>
      at % 2 === 0
        ? { kind: 'write', verb: 'add-permissions', role: `r${at}` }
        : { verb: 'sync-permissions' },
    ),
  'statements and results in turn': (size) =>
    linesOf(size, (at) =>
      at % 2 === 0
        ? { kind: 'statement', verb: 'write-metadata-tables', object: 'ab_user' }
        : { kind: 'result', outcome: 'failed' },
    ),
  notices: (size) =>
    linesOf(size, (at) => ({ kind: 'notice', verb: 'bypass-metadata-block', object: `o${at}` })),
};

test.each(Object.entries(streams))('the work grows with the number of lines: %s', (_, make) => {
  const correlate = (size: number) => {
    const lines = make(size);
    return () => void correlateStream(lines, Number.MAX_SAFE_INTEGER, settings);
  };
  expect(growth(correlate, 1024)).toBeLessThan(linearGrowth);
});
