import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Cut, RequestGate } from './request-gate.ts';

let target: Server;
let carriedOut: string[];
let gate: RequestGate;

beforeEach(async () => {
  carriedOut = [];
  target = createServer((request, response) => {
    carriedOut.push(String(request.headers['x-amz-target']));
    response.writeHead(201, { 'x-answer': 'yes' }).end('done');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  gate = await RequestGate.open(`http://127.0.0.1:${(target.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await gate.close();
  target.close();
});

const send = (operation: string) =>
  fetch(gate.url, { method: 'POST', body: 'x', headers: { 'x-amz-target': operation } });

/** Sends three requests in turn, until one gets no answer. */
async function sendThree(cut: Cut): Promise<{ answered: number; cuts: number }> {
  let [answered, cuts] = [0, 0];
  gate.watch(cut, () => {
    cuts += 1;
  });
  for (const operation of ['A.1', 'A.2', 'A.3']) {
    const answer = await send(operation).catch(() => undefined);
    if (answer) answered += 1;
  }
  return { answered, cuts };
}

test('requests and answers pass through unchanged', async () => {
  gate.watch(undefined, () => {});
  const answer = await send('A.1');
  expect([answer.status, answer.headers.get('x-answer'), await answer.text()]).toEqual([
    201,
    'yes',
    'done',
  ]);
  expect(gate.seen).toBe(1);
  expect(await gate.settled()).toMatchObject({
    carriedOut: [{ operation: 'A.1' }],
    lostAnswers: 0,
  });
});

test('after a cut before a request, neither it nor any later one is carried out', async () => {
  expect(await sendThree({ at: 2, side: 'before' })).toEqual({ answered: 1, cuts: 1 });
  expect(carriedOut).toEqual(['A.1']);
  expect(await gate.settled()).toMatchObject({ carriedOut: [{}], lostAnswers: 0 });
});

test('with a cut after its answer arrives, a request is carried out and its answer is lost', async () => {
  expect(await sendThree({ at: 2, side: 'after' })).toEqual({ answered: 1, cuts: 1 });
  expect(carriedOut).toEqual(['A.1', 'A.2']);
  expect(await gate.settled()).toMatchObject({
    carriedOut: [{ operation: 'A.1' }, { operation: 'A.2' }],
    lostAnswers: 1,
  });
});

test('after a cut the gate opens again and counts from zero', async () => {
  await sendThree({ at: 1, side: 'before' });
  expect(await sendThree({ at: 3, side: 'after' })).toEqual({ answered: 2, cuts: 1 });
});
