import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientConfiguration } from './aws/client-configuration.ts';
import { systemShell } from './common/system-shell.ts';
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
    dynamo: new DynamoDBClient(clientConfiguration({ region, credentials })),
    mwaa: { endpoint: mwaaEndpoint, region, credentials, fetch },
    ...systemShell,
  };
}
