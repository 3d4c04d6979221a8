import { programOf } from './program.ts';

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const program = await namedProgram(process.argv[2]);
try {
  await program.parseAsync();
} catch (error) {
  const debug = program.opts<{ debug?: boolean }>().debug || Boolean(process.env.DEBUG);
  const { reportFailure } = await import('./report-failure.ts');
  process.exitCode = reportFailure(error, debug);
}

/** Loading all commands takes longer than a replay of 100 MB: that one is loaded alone. */
async function namedProgram(command: string | undefined) {
  if (command === 'replay') {
    const { replayCommand } = await import('./replay/replay-command.ts');
    return programOf([replayCommand()]);
  }
  const { commandLine } = await import('./command-line.ts');
  return commandLine();
}
