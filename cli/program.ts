import { Command, type CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };

/** The program with some of its commands. */
export function programOf(commands: readonly Command[]): Command {
  const program = new Command('privilege-monitor')
    .description(
      'Watches Amazon MWAA for changes of Apache Airflow privileges. All commands run on this machine; only `doctor`, `audit`, `findings` and `init --discover`, which are read-only, `send-test` and `selftest` call AWS.',
    )
    .version(packageJson.version, '--version', 'show the version')
    .option('--debug', 'show the stack trace of an error')
    .helpCommand(false)
    .exitOverride();
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

export const exitBadInput = 2;

/** For a request for help or a wrong call, about which commander itself has said all there is to say. */
export function exitCodeOfCommander({ exitCode }: CommanderError): number {
  return exitCode === 0 ? 0 : exitBadInput;
}
