import { Socket } from 'node:net';

/** Addresses to which a process tried to connect, as `host:port`. */
export interface ConnectionLog {
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
export function allowOnly(endpointUrl: string): ConnectionLog {
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
