import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib/core';
import cdkJson from '../cdk.json' with { type: 'json' };
import { InputError } from '../queries/tools/checked-yaml.ts';
import { addMonitors } from './add-monitors.ts';
import { runbooksOfCheckout } from './naming/checkout.ts';

const projectRoot = fileURLToPath(new URL('..', import.meta.url));

try {
  const app = newApp();
  addMonitors(app, join(projectRoot, 'environments'), {
    runbookBaseUrl: runbooksOfCheckout(projectRoot),
  });
  app.synth();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/**
 * The CDK CLI passes its context to the app in environment variables. Without the CLI (`node
 * infra/app.ts -c key=value`) the same flags of cdk.json apply, so that both ways give the same
 * template.
 */
function newApp(): App {
  const isRunByCli = process.env.CDK_CLI_VERSION !== undefined;
  if (isRunByCli) return new App();
  return new App({
    outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
    context: { ...cdkJson.context, ...Object.fromEntries(contextOptions()) },
  });
}

function contextOptions(): [key: string, value: string][] {
  try {
    const { values } = parseArgs({
      options: { context: { type: 'string', short: 'c', multiple: true } },
    });
    return (values.context ?? []).map((pair) => {
      const [key = '', ...rest] = pair.split('=');
      if (rest.length === 0) throw new InputError(`-c: must be key=value, got "${pair}"`);
      return [key, rest.join('=')];
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InputError(`usage: node infra/app.ts [-c key=value]…: ${error.message}`);
  }
}
