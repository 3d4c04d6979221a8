import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { systemClock, systemTimer } from './common/time.ts';
import { readWitnessEnvironment } from './runtime-environment.ts';
import { runWitness, type Witness, type WitnessReport } from './witness/run-witness.ts';

let witness: Witness | undefined;

/** The entry of the function of the second witness, which the schedule invokes. */
export async function witnessHandler(
  _event: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<WitnessReport> {
  witness ??= createWitness(process.env);
  return runWitness(witness, context.getRemainingTimeInMillis());
}

function createWitness(variables: Readonly<Record<string, string | undefined>>): Witness {
  const { config, region, credentials, mwaaEndpoint } = readWitnessEnvironment(variables);
  return {
    config,
    dynamo: new DynamoDBClient({
      ...{ region, credentials },
      // One attempt: `call-aws.ts` retries what is worth retrying, within the deadline.
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 3_000, throwOnRequestTimeout: true },
    }),
    mwaa: { endpoint: mwaaEndpoint, region, credentials, fetch },
    clock: systemClock,
    timer: systemTimer,
    random: Math.random,
    newId: randomUUID,
    writeLine: (line) => process.stdout.write(line),
  };
}
