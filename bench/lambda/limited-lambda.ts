import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SynthesizedMonitor } from '../../local/demo/run/cloud-assembly.ts';
import type { InvokedMessage } from '../../local/demo/run/lambda-messages.ts';
import { LambdaProcess } from '../../local/demo/run/lambda-process.ts';
import type { Usage } from './meter.ts';

/**
 * Lambda assigns a full core at 1,769 MB, and proportionally less below.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const megabytesOfACore = 1769;
const megabyte = 1024 * 1024;
const lookEveryMs = 25;

const meterFile = fileURLToPath(new URL('meter.ts', import.meta.url));

/** The outcome and cost of an invocation. */
export interface Invocation extends Usage {
  readonly outcome: 'returned' | 'threw' | 'killed: memory' | 'killed: time' | 'died';
  readonly returned?: unknown;
  readonly error?: string;
}

interface LimitedLambdaOptions {
  readonly monitor: SynthesizedMonitor;
  readonly environment: Readonly<Record<string, string>>;
  readonly endpointUrl: string;
  readonly onLogLine?: (line: string) => void;
}

/**
 * The function's bundle in a process under Lambda's limits, as far as possible without root:
 * - memory: checked every 25 ms; a process above the function's memory is killed (Lambda kills at
 *   once). The heap limit is half of the memory, V8's default;
 * - time: the process's clock runs as on the function's share of a core, so that its deadlines
 *   are realistic; a process that exceeds the timeout is killed.
 */
export class LimitedLambda {
  readonly #options: LimitedLambdaOptions;
  readonly #share: number;
  #process: LambdaProcess | undefined;

  constructor(options: LimitedLambdaOptions) {
    this.#options = options;
    this.#share = Math.min(1, options.monitor.memoryMegabytes / megabytesOfACore);
  }

  /** CPU seconds until the timeout of an invocation that never waits. */
  get cpuSecondsMax(): number {
    return this.#options.monitor.timeoutSeconds * this.#share;
  }

  /** One invocation, in a new process when the last one was killed. */
  async invoke(tickEpochMs: number, nowEpochMs: number): Promise<Invocation> {
    this.#process ??= await this.#start(nowEpochMs);
    const lambda = this.#process;
    const watch = this.#watch(lambda);
    try {
      const invoked = (await lambda.invoke(tickEpochMs, nowEpochMs)) as InvokedMessage & {
        readonly usage: Usage;
      };
      const { usage, error, returned } = invoked;
      if (usage.seconds > this.#options.monitor.timeoutSeconds) {
        await this.#kill(lambda);
        return { ...usage, outcome: 'killed: time' };
      }
      return {
        ...usage,
        outcome: error === undefined ? 'returned' : 'threw',
        returned,
        ...(error && { error }),
      };
    } catch (cause) {
      await this.#kill(lambda);
      const { cpuSeconds, peakBytes, killed } = watch.seen;
      const error = cause instanceof Error ? cause.message : String(cause);
      const seconds = cpuSeconds / this.#share;
      return { cpuSeconds, seconds, peakBytes, calls: {}, outcome: killed ?? 'died', error };
    } finally {
      watch.stop();
    }
  }

  async #kill(lambda: LambdaProcess): Promise<void> {
    this.#process = undefined;
    await lambda.close();
  }

  async close(): Promise<void> {
    await this.#process?.close();
  }

  #start(nowEpochMs: number): Promise<LambdaProcess> {
    const { monitor, environment, endpointUrl, onLogLine = () => {} } = this.#options;
    return LambdaProcess.start({
      ...monitor,
      environment: { ...environment, METER_CPU_SHARE: String(this.#share) },
      endpointUrl,
      startEpochMs: nowEpochMs,
      nodeOptions: [`--max-old-space-size=${monitor.memoryMegabytes / 2}`, '--import', meterFile],
      onLogLine,
    });
  }

  #watch(lambda: LambdaProcess) {
    const { memoryMegabytes } = this.#options.monitor;
    const before = usageOf(lambda.pid);
    const seen: { cpuSeconds: number; peakBytes: number; killed?: Invocation['outcome'] } = {
      cpuSeconds: 0,
      peakBytes: 0,
    };
    const timer = setInterval(() => {
      const usage = usageOf(lambda.pid);
      if (usage === undefined || seen.killed !== undefined) return;
      seen.cpuSeconds = usage.cpuSeconds - (before?.cpuSeconds ?? 0);
      seen.peakBytes = Math.max(seen.peakBytes, usage.residentBytes);
      if (usage.residentBytes > memoryMegabytes * megabyte) seen.killed = 'killed: memory';
      else if (seen.cpuSeconds > this.cpuSecondsMax) seen.killed = 'killed: time';
      if (seen.killed !== undefined) process.kill(lambda.pid, 'SIGKILL');
    }, lookEveryMs);
    return { seen, stop: () => clearInterval(timer) };
  }
}

/** The usage of another process, as reported by Linux; undefined when it has ended. */
function usageOf(pid: number): { cpuSeconds: number; residentBytes: number } | undefined {
  try {
    const [, kilobytes = '0'] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    // After the name in parentheses, which may contain anything: fields 12 and 13 are its CPU time,
    // in 1/100 s.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const cpuSeconds = (Number(stat[11]) + Number(stat[12])) / 100;
    return { cpuSeconds, residentBytes: Number(kilobytes) * 1024 };
  } catch {
    return undefined;
  }
}
