import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AwsError } from '../aws-error.ts';
import type { HttpRequest } from './http-answer.ts';

/** The most that any operation here takes, which is BatchWriteItem. */
const maxBodyBytes = 16 * 1024 * 1024;

/** A gzip body may not become larger than this: a megabyte of zeros is a thousand times smaller. */
const maxInflatedBytes = 32 * 1024 * 1024;

const gunzipAsync = promisify(gunzip);

/**
 * Reads a request to its end, its body decompressed.
 *
 * @throws AwsError when the body is too large or its encoding is broken or unknown
 */
export async function readRequest(request: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    // Read on without keeping it: a client that is still sending does not listen for an answer.
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  if (bytes > maxBodyBytes) {
    throw new AwsError(
      'RequestEntityTooLarge',
      `the body has ${bytes} bytes, ${maxBodyBytes} are taken at the most`,
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
    throw new AwsError('SerializationException', `the content encoding ${encoding} is not known`);
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
