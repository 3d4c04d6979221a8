import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCloudAssembly } from '../../../../local/demo/run/cloud-assembly.ts';

const root = mkdtempSync(join(tmpdir(), 'cloud-assembly-'));
afterAll(() => rmSync(root, { recursive: true }));

const config = JSON.stringify({
  mwaaEnvironment: 'Prod',
  everyMinutes: 1,
  settleMinutes: 5,
  maxSliceMinutes: 60,
  silentAfterHours: 1,
  initialLookbackHours: 0,
  nearSweep: { everyMinutes: 60, lagMinutes: 60 },
  farSweep: { everyMinutes: 1440, lagMinutes: 1440 },
  correlateSeconds: 180,
  alertAt: 'medium',
  findingsTopicArn: 'arn:aws:sns:us-east-1:000000000000:Findings',
  ledgerTableName: 'Ledger',
});

function writeAssembly(changes: {
  bundle?: string | undefined;
  variables?: Record<string, unknown>;
  handler?: string;
}): string {
  const { bundle = 'index.js', variables = { MONITOR_CONFIG: config }, handler } = changes;
  const directory = mkdtempSync(join(root, 'assembly-'));
  mkdirSync(join(directory, 'asset.abc'));
  writeFileSync(join(directory, 'asset.abc', bundle), '');
  const write = (file: string, value: unknown) =>
    writeFileSync(join(directory, file), JSON.stringify(value));
  write('Stack.assets.json', { files: { abc: { source: { path: 'asset.abc' } } } });
  write('Stack.template.json', {
    Resources: {
      Helper: { Type: 'AWS::Lambda::Function', Properties: { Handler: 'helper.run' } },
      Scanner: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Handler: handler ?? 'index.handler',
          Code: { S3Key: 'abc.zip' },
          Environment: { Variables: variables },
          Timeout: 60,
        },
      },
    },
  });
  return directory;
}

describe('readCloudAssembly', () => {
  test("finds the function that has the monitor's variable, its bundle and its limits", async () => {
    const directory = writeAssembly({ bundle: 'index.mjs' });
    expect(await readCloudAssembly(directory)).toMatchObject({
      functionName: 'Scanner',
      bundleFile: join(directory, 'asset.abc', 'index.mjs'),
      handlerName: 'handler',
      timeoutSeconds: 60,
      memoryMegabytes: 128,
      config: { mwaaEnvironment: 'Prod', everyMinutes: 1, settleMinutes: 5 },
    });
  });

  test('variables with references become texts, with resources named by their logical ids', async () => {
    const directory = writeAssembly({
      variables: {
        MONITOR_CONFIG: config,
        OTHER: { Ref: 'Helper' },
        TOPIC: {
          'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, 'sns', { Ref: 'AWS::Region' }]],
        },
      },
    });
    expect((await readCloudAssembly(directory)).environmentVariables).toEqual({
      MONITOR_CONFIG: config,
      OTHER: 'Helper',
      TOPIC: 'arn:aws:sns:us-east-1',
    });
  });

  test('a reference that cannot be resolved is an error, not a guess', async () => {
    const directory = writeAssembly({
      variables: { MONITOR_CONFIG: config, X: { 'Fn::ImportValue': 'other' } },
    });
    await expect(readCloudAssembly(directory)).rejects.toThrow(
      'Fn::ImportValue cannot be resolved without a deployment',
    );
  });

  test('a missing bundle is one error that names the files and the place', async () => {
    const directory = writeAssembly({ bundle: 'other.js' });
    await expect(readCloudAssembly(directory)).rejects.toThrow(
      `the Lambda's bundle is missing: none of index.mjs, index.cjs, index.js is in ${join(directory, 'asset.abc')}`,
    );
  });

  test('an assembly without the monitor is refused', async () => {
    const directory = writeAssembly({ variables: { OTHER: '1' } });
    await expect(readCloudAssembly(directory)).rejects.toThrow(
      'no function with the variable MONITOR_CONFIG',
    );
  });
});
