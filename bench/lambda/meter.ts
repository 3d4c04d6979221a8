/**
 * Loaded into the Lambda's process before everything else (`--import`): makes time pass there as it
 * does on the part of a core that Lambda gives, and adds to each answer what the invocation cost.
 *
 * Variables: METER_CPU_SHARE, the part of a core; 1 leaves time as it is.
 */
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** What one invocation cost. */
export interface Usage {
  readonly cpuSeconds: number;
  /** From begin to end, as long as it takes on the function's part of a core. */
  readonly seconds: number;
  /** The most memory that the process had since the invocation began. */
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
 * Milliseconds on the function's part of a core: what was waited, and the work that much slower. Other
 * programs on this machine make no difference to it.
 */
function functionMs(): number {
  return performance.eventLoopUtilization().idle + (cpuSeconds() * 1000) / share;
}

if (share < 1) {
  performance.now = functionMs;
  // The runtime's own time-out is of the machine's time: who measures has another one.
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

/** Linux keeps the peak of a process, and forgets it when told; elsewhere it is the peak since the start. */
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
