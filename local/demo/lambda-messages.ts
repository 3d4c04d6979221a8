/** What the local Lambda runtime and its parent say to each other over the process channel. */

export interface InvokeMessage {
  readonly type: 'invoke';
  readonly requestId: string;
  /** The time of the event. */
  readonly tickEpochMs: number;
  /** What `Date` says in the function when it begins. */
  readonly nowEpochMs: number;
  readonly timeoutSeconds: number;
}

export interface ReadyMessage {
  readonly type: 'ready';
}

/** The bundle could not be loaded, or it has no such handler. */
export interface InitFailedMessage {
  readonly type: 'init-failed';
  readonly error: string;
}

export interface InvokedMessage {
  readonly type: 'invoked';
  readonly requestId: string;
  /** What the handler returned, as JSON; absent when it threw. */
  readonly returned?: unknown;
  /** Absent when the handler returned. */
  readonly error?: string;
  readonly durationMs: number;
  /** Addresses connected to so far, and those that were refused. */
  readonly connections: readonly string[];
  readonly refusedConnections: readonly string[];
}

export type RuntimeMessage = ReadyMessage | InitFailedMessage | InvokedMessage;
