import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AwsError } from './operation.ts';

/** A response to a client. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A complete request. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export function textAnswer(status: number, text: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}

/** The largest request of any supported operation: BatchWriteItem's. */
const maxBodyBytes = 16 * 1024 * 1024;

/** Limit for a decompressed body: gzip makes a megabyte of zeros a thousand times smaller. */
const maxInflatedBytes = 32 * 1024 * 1024;

const gunzipAsync = promisify(gunzip);

/**
 * Reads a request completely and decompresses its body.
 *
 * @throws AwsError when the body is too large, or its encoding is broken or unknown
 */
export async function readRequest(request: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    // Keep reading and drop the rest: a client that is still sending does not read the response.
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  if (bytes > maxBodyBytes) {
    throw new AwsError(
      'RequestEntityTooLarge',
      `the body has ${bytes} bytes, at most ${maxBodyBytes} are accepted`,
      { httpStatus: 413 },
    );
  }
  return {
    method: request.method ?? 'GET',
    path: (request.url ?? '/').replace(/\?.*$/s, ''),
    headers: request.headers,
    body: await inflate(Buffer.concat(chunks), request.headers['content-encoding']),
  };
}

async function inflate(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  // botocore names the encoding twice when a body was compressed before signing.
  const encodings = (encoding ?? 'identity').split(',').map((name) => name.trim().toLowerCase());
  if (encodings.every((name) => name === 'identity' || name === '')) return body;
  if (!encodings.every((name) => name === 'gzip')) {
    throw new AwsError(
      'SerializationException',
      `the content encoding ${encoding} is not supported`,
    );
  }
  try {
    return await gunzipAsync(body, { maxOutputLength: maxInflatedBytes });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError('SerializationException', `the gzip body cannot be read: ${reason}`, {
      cause: error,
    });
  }
}
