import { randomUUID } from 'node:crypto';
import { createAwsClients } from './aws-clients.ts';
import { systemClock, systemTimer } from './common/time.ts';
import { readRuntimeEnvironment } from './runtime-environment.ts';
import { createHandler } from './tick/create-handler.ts';

/** The entry of the deployed bundle. */
export const handler = createHandler(async () => {
  const { config, plan, region, credentials, mwaaEndpoint } = await readRuntimeEnvironment(
    process.env,
  );
  return {
    config,
    plan,
    ...createAwsClients({ region, credentials }),
    mwaa: { endpoint: mwaaEndpoint, region, credentials, fetch },
    clock: systemClock,
    timer: systemTimer,
    random: Math.random,
    newId: randomUUID,
    writeLine: (line) => process.stdout.write(line),
  };
});
