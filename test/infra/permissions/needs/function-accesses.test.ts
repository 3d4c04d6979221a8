import { globSync, readFileSync } from 'node:fs';
import { monitorDeployment, monitorTemplate } from '../deployments.ts';
import { accessesOf, commandRights } from './function-accesses.ts';
import { recordCalls, recordWitnessCalls, simulateCalls } from './record-calls.ts';

const { access, around, config } = monitorDeployment([
  monitorTemplate({ notify: { email: [], eventBus: true, chat: true } }),
]);
const witnessConfig = {
  ...{ mwaaEnvironment: 'prod', ledgerTableName: 'ledger', airflowVersion: '2.10.3' },
  ...{ auditLog: true, snapshot: true, everyMinutes: 15 },
};
const sources = globSync('lambda/**/*.ts').map(
  (file) => [file, readFileSync(file, 'utf8')] as const,
);

/** The commands that lambda/ imports, as `commandRights` names them. */
function importedCommands(): string[] {
  const imports = sources.flatMap(([, text]) => [
    ...text.matchAll(/import (?:type )?\{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g),
  ]);
  return imports.flatMap(([, names = '', client]) =>
    [...names.matchAll(/\b(\w+)Command\b/g)].map(([, name]) => `${client} ${name}`),
  );
}

test('the table of rights lists every command that lambda/ imports, and no other', () => {
  const listed = Object.keys(commandRights).filter((by) => !by.startsWith('mwaa '));
  expect(new Set(importedCommands())).toEqual(new Set(listed));
});

test('lambda/ reaches AWS through the clients of the SDK, and MWAA through one file', () => {
  const packages = sources.flatMap(([file, text]) =>
    [...text.matchAll(/from '(@(?:aws-sdk|smithy)\/[\w-]+|node:https?)/g)].map(
      ([, name]) => [name, file] as const,
    ),
  );
  const others = packages.filter(([name]) => !name?.startsWith('@aws-sdk/client-'));
  expect(new Set(others.map((pair) => pair.join(' in ')))).toEqual(
    new Set([
      '@aws-sdk/util-dynamodb in lambda/ledger/ledger-table.ts',
      '@smithy/core in lambda/aws/signed-headers.ts',
      '@smithy/signature-v4 in lambda/aws/signed-headers.ts',
    ]),
  );
  const signing = sources.filter(([, text]) => /from '[./a-z-]*\/signed-headers\.ts'/.test(text));
  expect(signing.map(([file]) => file).toSorted()).toEqual([
    'lambda/aws/mwaa-request.ts',
    // Another function, whose one right test/infra/integrations/ looks at.
    'lambda/security-hub/import-finding.ts',
  ]);
  const fetching = sources.filter(([, text]) => /\bfetch\(|getFromMwaa\(/.test(text));
  expect(fetching.map(([file]) => file).toSorted()).toEqual([
    'lambda/aws/mwaa-request.ts',
    'lambda/coverage/environment-facts.ts',
  ]);
});

test('the functions really send every command of the table', async () => {
  const calls = [await recordCalls(config), await recordWitnessCalls(witnessConfig)].flat();
  const sent = calls.map(({ client, operation }) => `${client} ${operation}`);
  expect(new Set(sent)).toEqual(new Set(Object.keys(commandRights)));
});

test('a call that the table does not list is an error', () => {
  const call = { client: 'dynamodb', operation: 'Scan', input: { TableName: 'ledger' } };
  expect(() => accessesOf(call, around)).toThrow(
    'the function sends dynamodb Scan, which commandRights lacks',
  );
});

test('whatever the function sends under faults, its role allows', async () => {
  const calls = await simulateCalls(1, config);
  const refused = calls.filter((call) =>
    accessesOf(call, around).some((one) => access.decide(one) !== 'allowed'),
  );
  expect(calls.length).toBeGreaterThan(500);
  expect(refused).toEqual([]);
});
