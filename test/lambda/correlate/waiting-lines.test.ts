import fc from 'fast-check';
import {
  canBeOwned,
  canHaveFailed,
  changeKey,
  commandFit,
  writeBelongsTo,
} from '../../../lambda/correlate/same-change.ts';
import {
  type WaitingCommand,
  WaitingCommands,
  type WaitingWrite,
  WaitingWrites,
} from '../../../lambda/correlate/waiting-commands.ts';
import { writeHoldMs } from '../../../lambda/model/correlation-state.ts';
import type { Signal } from '../../../lambda/model/signal.ts';
import type { Verb } from '../../../lambda/model/verbs.ts';

const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const names = {
  verb: option(
    fc.constantFrom('grant-role', 'create-user', 'import-users', 'update-user', 'delete-user'),
  ),
  target: option(fc.constantFrom('bob', 'eve', 'bob@x', '*', '-', '@', '=bob')),
  role: option(fc.constantFrom('Op', 'Admin', '*', '-')),
  object: option(fc.constantFrom('t1', 't2')),
};
const signalOf = (kind: Signal['kind'], each: Partial<Signal>): Signal => ({
  ...{ kind, detections: ['d'], severity: 'medium' },
  ...each,
});

type Step =
  | { readonly do: 'add'; readonly signal: Signal }
  | { readonly do: 'outcome' | 'failure'; readonly signal: Signal }
  | { readonly do: 'expire' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({ ...names, silenced: fc.boolean() })
    .map((each): Step => ({ do: 'add', signal: signalOf('command', each) })),
  fc
    .record({ ...names, kind: fc.constantFrom('outcome', 'failure') })
    .map(({ kind, ...each }): Step => ({ do: kind, signal: signalOf(kind, each) })),
  fc.constant<Step>({ do: 'expire' }),
);

test('the index finds the same command as a search through all of them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const waiting = new WaitingCommands();
      let all: WaitingCommand[] = [];
      for (const { do: kind, ...rest } of steps) {
        const signal = 'signal' in rest ? rest.signal : undefined;
        if (kind === 'expire') {
          const [first] = all;
          expect(waiting.first()).toBe(first);
          if (first !== undefined) waiting.remove(first);
          all = all.slice(1);
        } else if (signal !== undefined && kind === 'add') {
          const key = changeKey(signal);
          const same = all.find((command) => !command.claimed && command.key === key);
          expect(waiting.unclaimed(key)).toBe(same);
          if (same !== undefined) continue;
          const about = { detections: [], evidence: [], severity: 'medium' } as const;
          all.push(waiting.add({ signal, key, epochMs: 0, ...about, evidence: [] }));
        } else if (signal !== undefined && kind === 'outcome') {
          let best: WaitingCommand | undefined;
          for (const command of all) {
            const fit = commandFit(command, signal);
            if (fit > (best === undefined ? 0 : commandFit(best, signal))) best = command;
          }
          expect(waiting.best(signal)).toBe(best);
          if (best !== undefined && !best.claimed) waiting.claim(best);
        } else if (signal !== undefined) {
          const canBe = (verb: Verb | undefined) => canHaveFailed(verb, signal);
          const found = all.find(
            (command) =>
              !command.claimed &&
              command.signal.silenced !== true &&
              canBe(command.signal.verb) &&
              (signal.target === undefined || signal.target === command.signal.target) &&
              (signal.role === undefined || signal.role === command.signal.role),
          );
          expect(waiting.visible(signal, canBe)).toBe(found);
          if (found === undefined) continue;
          waiting.remove(found);
          all = all.filter((command) => command !== found);
        }
      }
    }),
    { numRuns: 500 },
  );
});

const writeVerb = fc.constantFrom<Verb[]>(
  ...([
    'create-user',
    'update-user',
    'create-role',
    'add-permissions',
    'change-dag-access',
  ] as const),
  ...(['delete-role', 'delete-user'] as const),
);
const ownerVerb = fc.constantFrom<Verb[]>(
  ...([
    'create-user',
    'import-users',
    'grant-role',
    'sync-permissions',
    'add-permissions',
  ] as const),
  ...(['delete-role', 'delete-user', 'change-role'] as const),
);
const subjects = { target: names.target, role: names.role };

test('an owner claims the same lines as a search through all of them', () => {
  const written = fc.record({ verb: writeVerb, ...subjects, atMs: fc.nat({ max: 30_000 }) });
  const owners = fc.array(
    fc.record({ verb: ownerVerb, ...subjects, atMs: fc.nat({ max: 30_000 }) }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.array(written, { maxLength: 30 }), owners, (writes, claims) => {
      const waiting = new WaitingWrites();
      let all: Pick<WaitingWrite, 'signal' | 'event'>[] = [];
      const isBefore = (a: { atMs: number }, b: { atMs: number }) => a.atMs - b.atMs;
      const left = writes.toSorted(isBefore);
      for (const { atMs, ...owner } of claims.toSorted(isBefore)) {
        while ((left[0]?.atMs ?? Infinity) <= atMs) {
          const { atMs: timestamp = 0, ...each } = left.shift() ?? {};
          const event = { key: `${left.length}`, logGroup: 'g', logStream: 's', timestamp };
          const one = {
            signal: signalOf('write', each),
            event: { ...event, message: 'm', occurrences: 1 },
          };
          all.push(one);
          waiting.add(one.signal, one.event);
        }
        const signal = signalOf('outcome', owner);
        const mine = all.filter(
          (write) =>
            atMs - write.event.timestamp <= writeHoldMs &&
            canBeOwned(write.signal) &&
            writeBelongsTo(write.signal, signal),
        );
        const latestUpdate = mine.findLast((write) => write.signal.verb === 'update-user');
        const expected = mine.filter(
          (write) => write.signal.verb !== 'update-user' || write === latestUpdate,
        );
        const taken = waiting.takeFor(signal, atMs).map(({ event }) => event.key);
        expect(taken.toSorted()).toEqual(expected.map(({ event }) => event.key).toSorted());
        all = all.filter((write) => !expected.includes(write));
      }
    }),
    { numRuns: 500 },
  );
});
