import { commandLine } from './command-line.ts';

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const program = await commandLine(process.argv.slice(2));
try {
  await program.parseAsync();
} catch (error) {
  const debug = program.opts<{ debug?: boolean }>().debug || Boolean(process.env.DEBUG);
  // It knows the errors of every command, and so loads most of them.
  const { reportFailure } = await import('./report-failure.ts');
  process.exitCode = reportFailure(error, debug);
}
