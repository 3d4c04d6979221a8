import type { monitorWith } from './pack-fixture.ts';

class Killed extends Error {}

type Fixture = ReturnType<typeof monitorWith>;

/**
 * Ends an invocation at its n-th call to AWS, before or after the call had its effect: what it does
 * from then on has none.
 */
export function killAt(fixture: Fixture, callsBefore: number, when: 'before' | 'after') {
  let calls = 0;
  const clients = [fixture.monitor.logs, fixture.monitor.cloudWatch, fixture.monitor.sns];
  const sends = [...clients, fixture.monitor.dynamo].map((client) => ({
    client,
    send: client.send,
  }));
  for (const { client, send } of sends) {
    Object.assign(client, {
      send: async (...args: unknown[]) => {
        calls += 1;
        if (calls > callsBefore + 1 || (calls > callsBefore && when === 'before')) {
          throw new Killed();
        }
        const answer = await Reflect.apply(send, client, args);
        if (calls > callsBefore) throw new Killed();
        return answer;
      },
    });
  }
  return {
    wasReached: () => calls > callsBefore,
    revive: () => {
      for (const { client, send } of sends) Object.assign(client, { send });
    },
  };
}
