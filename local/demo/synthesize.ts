import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ScanSettings } from './session/quick-sweeps.ts';

const projectDirectory = fileURLToPath(new URL('../..', import.meta.url));

/** Synthesis failed; the message contains the last lines that the app wrote. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/**
 * Synthesizes the monitor of one environment as `cdk synth` would, without the CDK CLI: same app,
 * same feature flags, its own environment file.
 *
 * @param workDirectory an existing directory for the environment file and the assembly
 * @returns the directory of the cloud assembly
 */
export async function synthesize(
  environment: { readonly mwaaEnvironment: string } & (
    | { readonly everyMinutes: number }
    | ScanSettings
  ),
  workDirectory: string,
): Promise<string> {
  const environmentFile = join(workDirectory, `${environment.mwaaEnvironment}.yaml`);
  await writeFile(environmentFile, stringify(environment));
  const assemblyDirectory = join(workDirectory, 'cdk.out');
  const home = join(workDirectory, 'home');
  await mkdir(home);
  const { context } = JSON.parse(await readFile(join(projectDirectory, 'cdk.json'), 'utf8'));

  const { PATH, TMPDIR, TEMP, SystemRoot } = process.env;
  const inherited = { PATH, TMPDIR, TEMP, SystemRoot };
  try {
    await promisify(execFile)(process.execPath, ['infra/app.ts'], {
      cwd: projectDirectory,
      env: {
        ...Object.fromEntries(Object.entries(inherited).filter(([, value]) => value !== undefined)),
        HOME: home,
        // Skip the check against CloudFormation's schemas: it takes seconds and matters for
        // deployments only.
        CDK_VALIDATION: 'false',
        CDK_OUTDIR: assemblyDirectory,
        CDK_CONTEXT_JSON: JSON.stringify({ ...context, environmentFile }),
      },
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new SynthesisError(
      `the monitor cannot be synthesized: ${said.split('\n').slice(-3).join(' ') || cause}`,
      { cause },
    );
  }
  return assemblyDirectory;
}
