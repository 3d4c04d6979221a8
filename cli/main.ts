import { CommanderError } from 'commander';
import { commandLine } from './command-line.ts';
import { exitCodeOfCommander } from './program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that closes the pipe early (`| head`) is not an error.
  if (error.code === 'EPIPE') process.exit(0);
  console.error(`error: the output cannot be written: ${error.message}`);
  process.exit(1);
});

const program = await commandLine(process.argv.slice(2));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = await failureOf(error);
}
// Node would look once more for what no longer needs its memory, which takes longer than some commands.
// What could not be written is an error a little later.
const outputs = [process.stdout, process.stderr];
if (outputs.every((one) => one.writableLength === 0 && one.errored === null)) process.exit();

async function failureOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return exitCodeOfCommander(error);
  const debug = program.opts<{ debug?: boolean }>().debug || Boolean(process.env.DEBUG);
  // It knows the errors of every command, and so loads most of them.
  const { reportFailure } = await import('./report-failure.ts');
  return reportFailure(error, debug);
}
