import type { CallFaults } from '../faults/call-faults.ts';
import { type Downtimes, downtimeError } from '../faults/downtimes.ts';
import type { CallFaultKind, QueryFaultKind, ServiceName } from '../faults/fault-kinds.ts';
import type { ScarceMemory } from '../faults/scarce-memory.ts';
import type { Stalls } from '../faults/stalls.ts';
import { type Step, stepOf } from '../faults/steps.ts';
import type { Strikes } from '../faults/strikes.ts';
import type { Row } from '../services/result-rows.ts';
import { connectionError, serviceError, timeoutError } from '../services/service-error.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { Chronicle } from './chronicle.ts';
import type { MakeCall } from './container.ts';
import type { Invocation } from './invocation.ts';

/** Carries out a call at the service and shows it to the observers. */
export type Perform = (
  invocation: Invocation,
  call: {
    readonly service: ServiceName;
    readonly operation: string;
    readonly step: Step;
    readonly input: object;
    readonly fault: CallFaultKind | QueryFaultKind | undefined;
  },
) => object;

interface CallWorld {
  readonly time: VirtualTime;
  readonly callFaults: CallFaults;
  readonly downtimes: Downtimes;
  readonly scarceMemory: ScarceMemory;
  readonly stalls: Stalls;
  readonly strikes: Strikes;
  readonly chronicle: Chronicle;
  readonly perform: Perform;
  readonly kill: (invocation: Invocation) => void;
}

const usualMs = { min: 4, max: 40 };
const slowMs = { min: 1_000, max: 9_000 };
const slowChance = 0.004;

/**
 * The way of a call to its service and back, and all that can happen on it. Each call takes a drawn
 * time, so that concurrent invocations really interleave.
 */
export function callMaker(world: CallWorld): MakeCall {
  const { time, strikes, chronicle } = world;
  return (container, service, operation, input, timeoutMs) => {
    const { invocation } = container;
    if (invocation === undefined || invocation.isKilled) return new Promise(() => {});
    const step = stepOf(operation, input);
    const { random } = invocation;
    const isSlow = random.chance(slowChance);
    const latencyMs = Math.min(timeoutMs, random.int(...spanOf(isSlow ? slowMs : usualMs)));
    const downtime = world.downtimes.meet(service, time.nowEpochMs);
    const fault = downtime ? undefined : world.callFaults.strike(invocation, step, time.nowEpochMs);
    if (fault !== undefined) {
      strikes.count(fault, step);
      tell(invocation, `${step} is struck: ${fault}`);
    }
    return new Promise((resolve, reject) => {
      const fail = (error: Error, afterMs: number) =>
        time.after(afterMs, () => container.goOn(() => reject(error)));
      const perform = () => world.perform(invocation, { service, operation, step, input, fault });
      const kill = () => world.kill(invocation);
      const outgrows = ({ results = [] }: { readonly results?: readonly Row[] }) => {
        const { queryId = '' } = input as { readonly queryId?: string };
        return world.scarceMemory.isExceeded(invocation, queryId, results, time.nowEpochMs);
      };
      if (world.stalls.strike(invocation)) {
        tell(invocation, `stands still from ${step} on`);
        time.after(latencyMs, () => attempt(perform));
        container.freeze();
        return;
      }
      if (downtime !== undefined) {
        strikes.count(`${service}-down`);
        tell(invocation, `${step} meets that ${service} is down (${downtime.manner})`);
        fail(downtimeError(downtime), downtime.manner === 'times-out' ? timeoutMs : latencyMs);
        return;
      }
      switch (fault) {
        case 'killed-before-effect':
          time.after(latencyMs, kill);
          return;
        case 'killed-after-effect':
          time.after(latencyMs, () => {
            attempt(perform);
            kill();
          });
          return;
        case 'lost-on-the-way-out':
          if (random.chance(0.5)) fail(connectionError('ECONNRESET'), latencyMs);
          else fail(timeoutError(), timeoutMs);
          return;
        case 'lost-on-the-way-back':
          time.after(latencyMs, () => {
            attempt(perform);
          });
          fail(timeoutError(), timeoutMs);
          return;
        case 'throttled':
          fail(serviceError('ThrottlingException', 'Rate exceeded'), latencyMs);
          return;
        case 'limit-exceeded':
          fail(serviceError('LimitExceededException', 'query concurrency limit'), latencyMs);
          return;
        case 'message-refused':
          fail(serviceError('InvalidParameterException', 'Invalid parameter: Message'), latencyMs);
          return;
        default:
          time.after(latencyMs, () => {
            const answer = attempt(perform);
            if (step === 'GetQueryResults' && 'output' in answer && outgrows(answer.output)) {
              strikes.count('killed-for-memory');
              kill();
            }
            container.goOn(() =>
              'error' in answer ? reject(answer.error) : resolve(answer.output),
            );
          });
      }
    });
  };

  function tell({ id }: Invocation, what: string): void {
    chronicle.tell(time.nowEpochMs, () => `#${id}  ${what}`);
  }
}

function spanOf({ min, max }: { readonly min: number; readonly max: number }): [number, number] {
  return [min, max];
}

function attempt(perform: () => object): { readonly output: object } | { readonly error: unknown } {
  try {
    return { output: perform() };
  } catch (error) {
    return { error };
  }
}
