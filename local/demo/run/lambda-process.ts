import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { localPlace } from '../../aws-place.ts';
import type { SynthesizedFunction } from './cloud-assembly.ts';
import type { InvokedMessage, InvokeMessage, RuntimeMessage } from './lambda-messages.ts';

/** In the package of the CLI, compiled like this file. */
const runtimeFile = fileURLToPath(
  new URL(`lambda-runtime${extname(import.meta.url)}`, import.meta.url),
);

interface LambdaProcessOptions {
  /** Bundle file inside the cloud assembly. */
  readonly bundleFile: string;
  readonly handlerName: string;
  /** All environment variables of the process; none are inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** The only address to which the process may connect. */
  readonly endpointUrl: string;
  readonly timeoutSeconds: number;
  readonly startEpochMs: number;
  /**
   * Node options of the process.
   *
   * @default - source maps, so that errors name source files
   */
  readonly nodeOptions?: readonly string[];
  /** Called with each line that the function writes. */
  readonly onLogLine: (line: string) => void;
}

/** The function's bundle in its own process, invoked once per tick. */
export class LambdaProcess {
  readonly #child: ChildProcess;
  readonly #timeoutSeconds: number;
  #waiting: PromiseWithResolvers<RuntimeMessage>;

  /** @throws Error when the bundle cannot be loaded or exports no such handler */
  static async start(options: LambdaProcessOptions): Promise<LambdaProcess> {
    const lambda = new LambdaProcess(options);
    const first = await lambda.#waiting.promise;
    if (first.type === 'init-failed') throw new Error(`the Lambda does not start: ${first.error}`);
    return lambda;
  }

  private constructor(options: LambdaProcessOptions) {
    const { bundleFile, handlerName, endpointUrl, startEpochMs } = options;
    const { nodeOptions = ['--enable-source-maps'] } = options;
    this.#timeoutSeconds = options.timeoutSeconds;
    this.#waiting = Promise.withResolvers();
    this.#child = fork(runtimeFile, [bundleFile, handlerName, endpointUrl, String(startEpochMs)], {
      env: { ...options.environment },
      execArgv: [...nodeOptions, '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', options.onLogLine);
    }
    this.#child.on('message', (message: RuntimeMessage) => this.#waiting.resolve(message));
    this.#child.on('error', (error) => this.#waiting.reject(error));
    this.#child.on('exit', (code, signal) =>
      this.#waiting.reject(new Error(`the Lambda's process ended (${signal ?? `code ${code}`})`)),
    );
    this.#waiting.promise.catch(() => {});
  }

  /**
   * Runs the handler for one scheduled event; an error of the handler is returned, not thrown.
   *
   * @param nowEpochMs the current time: an event may arrive late, or twice
   * @throws Error when the process ends during the invocation
   */
  async invoke(tickEpochMs: number, nowEpochMs = tickEpochMs): Promise<InvokedMessage> {
    this.#waiting = Promise.withResolvers();
    const request: InvokeMessage = {
      type: 'invoke',
      requestId: randomUUID(),
      ...{ tickEpochMs, nowEpochMs },
      timeoutSeconds: this.#timeoutSeconds,
    };
    this.#child.send(request, (error) => error && this.#waiting.reject(error));
    const answer = await this.#waiting.promise;
    if (answer.type !== 'invoked') throw new Error(`the Lambda's process answered ${answer.type}`);
    return answer;
  }

  /** The process id, for measurements. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#child.once('exit', () => resolve());
    this.#child.kill('SIGKILL');
    await promise;
  }
}

/**
 * All environment variables of the local Lambda: those that Lambda sets, the function's own, and
 * those that send every AWS call to one address.
 *
 * Nothing is inherited from the caller's environment. Profile files point to missing files, since a
 * `~/.aws/config` may name endpoints, proxies and credential processes.
 *
 * @param emptyDirectory a directory without profile files
 */
export function cleanEnvironment(
  deployed: SynthesizedFunction,
  endpointUrl: string,
  emptyDirectory: string,
): Record<string, string> {
  return {
    ...deployed.environmentVariables,
    AWS_REGION: localPlace.region,
    AWS_DEFAULT_REGION: localPlace.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(emptyDirectory, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(emptyDirectory, 'no-credentials'),
    AWS_LAMBDA_FUNCTION_NAME: deployed.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.memoryMegabytes),
    LAMBDA_TASK_ROOT: dirname(deployed.bundleFile),
    HOME: emptyDirectory,
    TZ: 'UTC',
  };
}
