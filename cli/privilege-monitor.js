#!/usr/bin/env node
// Plain JavaScript, so that any Node can start it: the TypeScript that it imports needs Node 24.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const projectNode = fileURLToPath(
  new URL(
    `../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`,
    import.meta.url,
  ),
);

if (Number.parseInt(process.versions.node, 10) >= 24) {
  await import('./main.ts');
} else if (existsSync(projectNode)) {
  runUnderProjectNode();
} else {
  console.error(
    `error: privilege-monitor needs Node 24 but runs on ${process.version}; run "npm ci" in ${fileURLToPath(new URL('..', import.meta.url))} to install it`,
  );
  process.exitCode = 2;
}

function runUnderProjectNode() {
  const child = spawn(projectNode, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`error: ${projectNode} cannot be started: ${error.message}`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else {
      process.exitCode = code ?? 1;
    }
  });
}
