import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientFor, endpoints, stopEndpoints } from '../with-endpoints.ts';

afterEach(stopEndpoints);

const functions = {
  echo: async (event: unknown) => ({ event }),
  broken: async () => {
    throw new TypeError('no');
  },
};

async function invoke(FunctionName: string) {
  const client = new LambdaClient(clientFor(await endpoints({ functions })));
  const { FunctionError, Payload } = await client.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify({ a: 1 }) }),
  );
  return { FunctionError, answer: JSON.parse(new TextDecoder().decode(Payload)) };
}

test('a function gets the event, and what it returns is the answer', async () => {
  expect(await invoke('echo')).toEqual({ FunctionError: undefined, answer: { event: { a: 1 } } });
});

test('an error of a function is an answer that is marked as one', async () => {
  expect(await invoke('broken')).toEqual({
    FunctionError: 'Unhandled',
    answer: { errorType: 'TypeError', errorMessage: 'no' },
  });
});

test('a function that does not exist is not found', async () => {
  await expect(invoke('toString')).rejects.toThrow(
    expect.objectContaining({ name: 'ResourceNotFoundException' }),
  );
});
