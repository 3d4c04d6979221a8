import { commandLine } from './command-line.ts';
import { reportFailure } from './report-failure.ts';

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const program = commandLine();
try {
  await program.parseAsync();
} catch (error) {
  const debug = program.opts<{ debug?: boolean }>().debug || Boolean(process.env.DEBUG);
  process.exitCode = reportFailure(error, debug);
}
