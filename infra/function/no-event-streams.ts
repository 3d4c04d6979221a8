/**
 * Replaces `@smithy/core/event-streams` in the bundle: 20 kB that only StartLiveTail of CloudWatch
 * Logs would use, which the function never calls.
 */
export function resolveEventStreamSerdeConfig<T>(config: T): T {
  return config;
}

export function eventStreamSerdeProvider(): never {
  throw noEventStreams();
}

export class EventStreamSerde {
  constructor() {
    throw noEventStreams();
  }
}

function noEventStreams(): Error {
  return new Error('Event streams were left out of this bundle: none of its operations has one.');
}
