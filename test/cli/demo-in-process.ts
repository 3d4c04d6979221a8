import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib/core';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { demoCommand } from '../../cli/demo/demo-command.ts';
import { addMonitors } from '../../infra/add-monitors.ts';
import type { DemoResult } from '../../local/demo/result/demo-result.ts';
import { environmentText, type synthesize } from '../../local/demo/run-demo.ts';
import type { Finished } from './run-command.ts';
import { runInProcess } from './run-in-process.ts';

interface FinishedDemo {
  readonly finished: Finished;
  /** The directory with the report. */
  readonly output: string;
  /** @throws Error when there is none, since the demo was refused */
  readonly result: DemoResult;
}

/**
 * Runs demos over one file of logs in this process. The runs share one synthesis, which takes as long
 * as the rest of a demo; demo.test.ts runs the command as users do.
 *
 * @param directory an existing directory, which the caller removes
 * @param logs - a session of this project
 */
export function demoInProcess(
  directory: string,
  logs?: string,
): (...options: readonly string[]) => Promise<FinishedDemo> {
  const synthesized = new Map<string, string>();
  const synthesizeOnce: typeof synthesize = async (environment) => {
    const text = environmentText(environment);
    const assembly = synthesized.get(text) ?? assemblyOf(environment.mwaaEnvironment, text);
    synthesized.set(text, assembly);
    return assembly;
  };

  function assemblyOf(mwaaEnvironment: string, text: string): string {
    const folder = mkdtempSync(join(directory, 'synthesis-'));
    const environmentFile = join(folder, `${mwaaEnvironment}.yaml`);
    writeFileSync(environmentFile, text);
    const context = { ...cdkJson.context, environmentFile };
    const app = new App({ outdir: join(folder, 'cdk.out'), context });
    addMonitors(app, folder);
    return app.synth().directory;
  }

  return async (...options) => {
    const output = mkdtempSync(join(directory, 'output-'));
    const finished = await runInProcess(demoCommand({ synthesize: synthesizeOnce }), [
      ...(logs === undefined ? [] : ['--logs', logs]),
      ...['--output', output, ...options],
    ]);
    return {
      ...{ finished, output },
      get result() {
        return JSON.parse(readFileSync(join(output, 'result.json'), 'utf8'));
      },
    };
  };
}
