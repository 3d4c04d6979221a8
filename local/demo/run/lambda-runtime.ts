import { Socket } from 'node:net';
import { pathToFileURL } from 'node:url';
import type { InvokeMessage, RuntimeMessage } from './lambda-messages.ts';

/** Addresses to which a process tried to connect, as `host:port`. */
interface ConnectionLog {
  readonly allowed: Set<string>;
  readonly refused: Set<string>;
}

/**
 * Lets this process connect to one address only: every other TCP or pipe connection fails before it
 * is made, without a name lookup.
 *
 * Environment variables and profile files cannot guarantee that, since each SDK version reads more
 * of them; this guard does not depend on what is read.
 *
 * @param endpointUrl the allowed address, such as `http://127.0.0.1:4566`
 */
function allowOnly(endpointUrl: string): ConnectionLog {
  const log: ConnectionLog = { allowed: new Set(), refused: new Set() };
  const { hostname, port } = new URL(endpointUrl);
  const only = `${hostname}:${port}`;
  const connect = Socket.prototype.connect;

  Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]) {
    const target = destination(args);
    if (target === only) {
      log.allowed.add(target);
      return Reflect.apply(connect, this, args);
    }
    log.refused.add(target);
    process.nextTick(() => this.destroy(new Error(`${target} is not ${only}: not connected`)));
    return this;
  };
  return log;
}

/**
 * `connect` accepts options, (port, host), (path), or `[options]` as normalized by `net.connect`.
 */
function destination(args: readonly unknown[]): string {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: unknown; port?: unknown; path?: unknown };
    return path === undefined || path === null ? `${host ?? 'localhost'}:${port}` : String(path);
  }
  if (typeof first === 'number' || /^\d+$/.test(String(first))) {
    return `${typeof args[1] === 'string' ? args[1] : 'localhost'}:${first}`;
  }
  return String(first);
}

/**
 * Replaces the global `Date` with a virtual clock: it starts at the time it is set to and advances
 * at real speed. Timers stay real.
 *
 * Only `new Date()`, `Date()` and `Date.now()` change; dates created from a value are ordinary
 * dates.
 *
 * @returns a function that sets the virtual time, in epoch milliseconds
 */
function installVirtualDate(): (epochMs: number) => void {
  const RealDate = Date;
  let setToEpochMs = RealDate.now();
  let setAtMs = performance.now();
  const now = () => Math.floor(setToEpochMs + performance.now() - setAtMs);

  const VirtualDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  RealDate.prototype.constructor = VirtualDate;
  globalThis.Date = VirtualDate;

  return (epochMs) => {
    setToEpochMs = epochMs;
    setAtMs = performance.now();
  };
}

/**
 * The child process that replaces Lambda: loads the unmodified bundle of a cloud assembly and
 * invokes its handler once per message. Arguments: bundle file, handler name, endpoint URL, first
 * virtual time in epoch milliseconds.
 */

type Handler = (event: unknown, context: unknown) => unknown;

const [bundleFile = '', handlerName = '', endpointUrl = '', startEpochMs = ''] =
  process.argv.slice(2);
const connectionLog = allowOnly(endpointUrl);
const setVirtualTime = installVirtualDate();
setVirtualTime(Number(startEpochMs));

try {
  const handler = await loadHandler();
  process.on('message', (message: InvokeMessage) => void answer(handler, message));
  send({ type: 'ready' });
} catch (error) {
  send({ type: 'init-failed', error: describe(error) });
  process.disconnect();
}

async function loadHandler(): Promise<Handler> {
  const bundle = await import(pathToFileURL(bundleFile).href);
  // A CommonJS bundle has its exports under `default` when Node cannot detect their names.
  const handler = bundle[handlerName] ?? bundle.default?.[handlerName];
  if (typeof handler !== 'function') {
    throw new Error(`${bundleFile} exports no function ${handlerName}`);
  }
  return handler;
}

async function answer(handler: Handler, message: InvokeMessage): Promise<void> {
  const { requestId, nowEpochMs } = message;
  setVirtualTime(nowEpochMs);
  const startedMs = performance.now();
  let error: string | undefined;
  let returned: unknown;
  try {
    returned = await withTimeout(
      handler(scheduledEvent(message), context(message)),
      message.timeoutSeconds,
    );
  } catch (cause) {
    error = describe(cause);
  }
  send({
    type: 'invoked',
    requestId,
    ...(error === undefined ? { returned } : { error }),
    durationMs: performance.now() - startedMs,
    connections: [...connectionLog.allowed],
    refusedConnections: [...connectionLog.refused],
  });
}

/** The event that a scheduled EventBridge rule sends. */
function scheduledEvent({ requestId, tickEpochMs }: InvokeMessage): unknown {
  return {
    version: '0',
    id: requestId,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: new Date(tickEpochMs).toISOString().replace('.000Z', 'Z'),
    region: process.env.AWS_REGION,
    resources: [],
    detail: {},
  };
}

function context({ requestId, timeoutSeconds }: InvokeMessage): unknown {
  const deadlineMs = performance.now() + timeoutSeconds * 1000;
  const functionName = process.env.AWS_LAMBDA_FUNCTION_NAME;
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${process.env.AWS_REGION}:000000000000:function:${functionName}`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadlineMs - performance.now())),
  };
}

/** Lambda kills an invocation after its timeout; here it becomes an error of the invocation. */
function withTimeout(work: unknown, timeoutSeconds: number): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Task timed out after ${timeoutSeconds} seconds`)),
    timeoutSeconds * 1000,
  );
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.name}: ${error.message}${cause}`;
}

function send(message: RuntimeMessage): void {
  process.send?.(message);
}
