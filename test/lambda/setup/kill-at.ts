import type { monitorWith } from './pack-fixture.ts';

class Killed extends Error {}

type Fixture = ReturnType<typeof monitorWith>;

/**
 * Ends an invocation after its n-th call to AWS: what it does from then on has no effect. Whether the
 * answer of that call arrives makes no difference.
 */
export function killAt(fixture: Fixture, callsBefore: number) {
  let calls = 0;
  const { logs, cloudWatch, sns, events } = fixture.monitor;
  const clients = [logs, cloudWatch, sns, events];
  const sends = [...clients, fixture.monitor.dynamo].map((client) => ({
    client,
    send: client.send,
  }));
  for (const { client, send } of sends) {
    Object.assign(client, {
      send: async (...args: unknown[]) => {
        calls += 1;
        if (calls > callsBefore) throw new Killed();
        return Reflect.apply(send, client, args);
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
