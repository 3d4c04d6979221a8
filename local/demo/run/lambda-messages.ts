/** The messages between the local Lambda runtime and its parent process. */

export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  /** The time of the event. */
  readonly tickEpochMs: number;
  /** The virtual time in the function when it starts. */
  readonly nowEpochMs: number;
  readonly timeoutSeconds: number;
}

interface ReadyMessage {
  readonly type: 'ready';
}

/** The bundle could not be loaded, or does not export the handler. */
interface InitFailedMessage {
  readonly type: 'init-failed';
  readonly error: string;
}

export interface InvokedMessage {
  readonly type: 'invoked';
  readonly requestId: string;
  /** The handler's return value, as JSON; absent when it threw. */
  readonly returned?: unknown;
  /** Absent when the handler returned. */
  readonly error?: string;
  readonly durationMs: number;
  /** Addresses connected to so far, and those that were refused. */
  readonly connections: readonly string[];
  readonly refusedConnections: readonly string[];
}

export type RuntimeMessage = ReadyMessage | InitFailedMessage | InvokedMessage;
