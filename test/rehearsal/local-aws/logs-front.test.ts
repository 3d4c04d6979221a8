import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { actionOf, isRefusal, type LogsFront, startLogsFront } from './logs-front.ts';

test.each([
  ['AccessDeniedException', '', true],
  ['', '{"__type":"InvalidSignatureException"}', true],
  ['', '{"__type":"UnrecognizedClientException"}', true],
  ['ResourceNotFoundException', '', false],
  ['InvalidParameterException', '', false],
])('an answer 400 of type "%s" with the body "%s": refused is %s', (type, body, isRefused) => {
  expect(isRefusal(400, type, body)).toBe(isRefused);
  expect(isRefusal(200, type, body)).toBe(false);
});

test('the action is the last part of the target', () => {
  expect(actionOf('Logs_20140328.StartQuery')).toBe('StartQuery');
  expect(actionOf(undefined)).toBe('');
});

describe('between the function and the engine', () => {
  const servers: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function serverThat(status: number, body: string): Promise<string> {
    const server: Server = createServer((_, answer) => {
      answer.writeHead(status);
      answer.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push({
      close() {
        server.closeAllConnections();
        server.close();
      },
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function frontOf(emulatorUrl: string): Promise<LogsFront> {
    const front = await startLogsFront();
    servers.push(front);
    const engineUrl = await serverThat(200, 'of the engine');
    front.connect({ emulatorUrl, emulatorAgent: undefined, engineUrl });
    return front;
  }

  async function ask({ url }: LogsFront, action: string) {
    const headers = { 'x-amz-target': `Logs_20140328.${action}` };
    const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
    return { status: answer.status, body: await answer.text() };
  }

  test('what the emulator allows is answered by the engine, if it is a query', async () => {
    const front = await frontOf(await serverThat(200, 'of the emulator'));
    expect(await ask(front, 'StartQuery')).toEqual({ status: 200, body: 'of the engine' });
    expect(await ask(front, 'PutLogEvents')).toEqual({ status: 200, body: 'of the emulator' });
    expect(Object.fromEntries(front.counts)).toEqual({
      'StartQuery allowed': 1,
      'PutLogEvents allowed': 1,
    });
  });

  test('what the emulator refuses stays refused', async () => {
    const refusal = '{"__type":"AccessDeniedException"}';
    const front = await frontOf(await serverThat(400, refusal));
    expect(await ask(front, 'StartQuery')).toEqual({ status: 400, body: refusal });
    expect(front.counts.get('StartQuery refused')).toBe(1);
  });

  test('an error that is no refusal does not keep a query from the engine', async () => {
    const front = await frontOf(await serverThat(400, '{"__type":"ResourceNotFoundException"}'));
    expect(await ask(front, 'GetQueryResults')).toEqual({ status: 200, body: 'of the engine' });
  });

  test('without a connection it answers as a service that is down', async () => {
    const front = await startLogsFront();
    servers.push(front);
    expect((await ask(front, 'StartQuery')).status).toBe(503);
  });
});
