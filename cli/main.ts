import { CommanderError } from 'commander';
import { commandLine } from './command-line.ts';
import { exitCodeOfCommander } from './program.ts';

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const program = await commandLine(process.argv.slice(2));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = await failureOf(error);
}
// Node would look once more for what no longer needs its memory, which takes longer than some commands.
if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();

async function failureOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return exitCodeOfCommander(error);
  const debug = program.opts<{ debug?: boolean }>().debug || Boolean(process.env.DEBUG);
  // It knows the errors of every command, and so loads most of them.
  const { reportFailure } = await import('./report-failure.ts');
  return reportFailure(error, debug);
}
