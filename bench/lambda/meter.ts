/**
 * Loaded into the Lambda's process before everything else (`--import`): makes its clock run as on
 * the share of a core that Lambda assigns, and adds the cost of the invocation to each answer.
 *
 * Variables: METER_CPU_SHARE, the share of a core; 1 does not change time.
 */
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** The cost of one invocation. */
export interface Usage {
  readonly cpuSeconds: number;
  /** Duration on the function's share of a core. */
  readonly seconds: number;
  /** Peak memory of the process since the invocation started. */
  readonly peakBytes: number;
  /** Requests, by operation. */
  readonly calls: Readonly<Record<string, number>>;
}

const share = Number(process.env.METER_CPU_SHARE ?? '1');

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Milliseconds on the function's share of a core: waiting time, plus CPU time scaled by the share.
 * Other load on the machine does not affect it.
 */
function functionMs(): number {
  return performance.eventLoopUtilization().idle + (cpuSeconds() * 1000) / share;
}

if (share < 1) {
  performance.now = functionMs;
  // The runtime's own timeout uses real time; the measurement has its own.
  const setMachineTimeout = globalThis.setTimeout;
  const longestMs = 60_000;
  globalThis.setTimeout = ((callback: () => void, ms?: number, ...rest: unknown[]) =>
    setMachineTimeout(
      callback,
      ms !== undefined && ms > longestMs ? 2 ** 31 - 1 : ms,
      ...rest,
    )) as typeof setTimeout;
}

let [cpuBefore, msBefore, calls] = [0, 0, new Map<string, number>()];

process.prependListener('message', () => {
  cpuBefore = cpuSeconds();
  msBefore = functionMs();
  calls = new Map();
  resetPeak();
});

const send = process.send?.bind(process);
process.send = (message: object, ...rest: never[]) => {
  const usage: Usage = {
    cpuSeconds: cpuSeconds() - cpuBefore,
    seconds: (functionMs() - msBefore) / 1000,
    peakBytes: peakBytes(),
    calls: Object.fromEntries(calls),
  };
  return send?.({ ...message, usage }, ...rest) ?? false;
};

subscribe('http.client.request.start', (message) => {
  const { request } = message as { request: { getHeader(name: string): unknown; path: string } };
  const target = request.getHeader('x-amz-target');
  count(typeof target === 'string' ? (target.split('.').at(-1) ?? target) : 'Publish');
});
subscribe('undici:request:create', () => count('GetEnvironment'));

function count(operation: string): void {
  calls.set(operation, (calls.get(operation) ?? 0) + 1);
}

/** Resets the peak on Linux; elsewhere, the peak counts from the start of the process. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // See peakBytes.
  }
}

function peakBytes(): number {
  try {
    const [, kilobytes] =
      /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
