import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';

/**
 * Bytes of one response of CloudWatch Logs, before it is read into memory. Parsed, it takes about
 * six times as much. The largest log event is 1 MB, which JSON's escapes can turn into 6 MB.
 */
export const responseBytesMax = 8 * 1024 * 1024;

/** A response that is too large for the memory and was not read: the caller requests fewer rows. */
export class ResponseTooLargeError extends Error {
  override readonly name = 'ResponseTooLargeError';
}

/** Makes a client refuse responses that are larger than {@link responseBytesMax}. */
export function limitResponses(client: CloudWatchLogsClient, bytesMax = responseBytesMax): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      limitBody(result.response, bytesMax);
      return result;
    },
    // Lowest priority: it sees the response before the middleware that reads its body.
    { step: 'deserialize', priority: 'low', name: 'limitResponseBytes' },
  );
}

function limitBody(response: unknown, bytesMax: number): void {
  if (typeof response !== 'object' || response === null) return;
  const body: unknown = Reflect.get(response, 'body');
  if (!(body instanceof Readable)) return;
  const headers: unknown = Reflect.get(response, 'headers');
  const announced = Number(
    typeof headers === 'object' && headers !== null ? Reflect.get(headers, 'content-length') : '',
  );
  if (announced > bytesMax) {
    body.destroy();
    throw tooLarge(announced, bytesMax);
  }
  Reflect.set(response, 'body', counted(body, bytesMax));
}

/** Counts while reading, for a response that does not announce its length. */
function counted(body: Readable, bytesMax: number): Readable {
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(tooLarge(bytes, bytesMax));
      else done(null, chunk);
    },
  });
  // An error of either stream reaches the reader of the counter.
  return pipeline(body, counter, () => {});
}

function tooLarge(bytes: number, bytesMax: number): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `a response of ${bytes} bytes or more is larger than the ${bytesMax} that are read at once`,
  );
}
