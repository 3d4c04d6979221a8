// Plain JavaScript, so that any Node can load it: the TypeScript that it starts needs Node 24.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const exitBadInput = 2;
const projectNode = fileURLToPath(
  new URL(
    `../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`,
    import.meta.url,
  ),
);

/**
 * Runs a program of this project with the arguments of this process: in this process if its Node is new
 * enough, and otherwise under the Node that the project installs.
 *
 * @param {string} name the name of the program, for an error
 * @param {URL} main the TypeScript file to run
 */
export async function runByProjectNode(name, main) {
  if (Number.parseInt(process.versions.node, 10) >= neededMajor) {
    await import(main.href);
  } else if (existsSync(projectNode)) {
    runInChild(fileURLToPath(main));
  } else {
    console.error(
      `error: ${name} needs Node ${neededMajor} but runs on ${process.version}; run "npm ci" in ${fileURLToPath(new URL('..', import.meta.url))} to install it`,
    );
    process.exitCode = exitBadInput;
  }
}

/** @param {string} main */
function runInChild(main) {
  const child = spawn(projectNode, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    console.error(`error: ${projectNode} cannot be started: ${error.message}`);
    process.exitCode = exitBadInput;
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
