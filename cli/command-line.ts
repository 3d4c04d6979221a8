import type { Command } from 'commander';
import { programOf } from './program.ts';

/**
 * The commands, in the order of the help. Each is loaded only when it is asked for: together they need the CDK,
 * the AWS SDK and DuckDB, which take a second to load.
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo/demo-command.ts')).demoCommand(),
  replay: async () => (await import('./replay/replay-command.ts')).replayCommand(),
  query: async () => (await import('./query/query-command.ts')).queryCommand(),
  serve: async () => (await import('./serve/serve-command.ts')).serveCommand(),
  init: async () => (await import('./init/init-command.ts')).initCommand(),
  doctor: async () => (await import('./doctor/doctor-command.ts')).doctorCommand(),
  findings: async () => (await import('./findings/findings-command.ts')).findingsCommand(),
  audit: async () => (await import('./audit/audit-command.ts')).auditCommand(),
  cost: async () => (await import('./cost/cost-command.ts')).costCommand(),
  'send-test': async () => (await import('./send-test/send-test-command.ts')).sendTestCommand(),
  selftest: async () => (await import('./selftest/selftest-command.ts')).selftestCommand(),
};

/**
 * The command line; parsing it runs one of its commands.
 *
 * @param args the arguments that will be parsed: the command that they name is the only one that is loaded. All
 *   are, if they name none, for the help and for the hint at a misspelt one.
 */
export async function commandLine(args: readonly string[] = []): Promise<Command> {
  return programOf(await Promise.all(commandsFor(args).map((load) => load())));
}

function commandsFor(args: readonly string[]): readonly (() => Promise<Command>)[] {
  // No option of the program itself takes a value: the first other word is the command.
  const name = args.find((arg) => !arg.startsWith('-')) ?? '';
  if (name === '' && args.includes('--version')) return [];
  const named = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return named === undefined ? Object.values(commands) : [named];
}
