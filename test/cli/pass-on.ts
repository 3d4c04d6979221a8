import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * Forwards a request over a new connection, since a reused one may be closing.
 *
 * @param url the server's URL with the request's path
 */
export async function passOn(
  url: string,
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  body: Buffer,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  const { host: _, connection: __, 'content-length': ___, ...kept } = headers;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const handed = request(url, { method, headers: kept, agent: false }, resolve);
    handed.on('error', reject).end(body);
  });
  return {
    ...{ status: answer.statusCode ?? 500, headers: answer.headers },
    body: await buffer(answer),
  };
}
