import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { auditCommand } from './audit/audit-command.ts';
import { costCommand } from './cost/cost-command.ts';
import { demoCommand } from './demo/demo-command.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { findingsCommand } from './findings/findings-command.ts';
import { initCommand } from './init/init-command.ts';
import { queryCommand } from './query/query-command.ts';
import { replayCommand } from './replay/replay-command.ts';
import { selftestCommand } from './selftest/selftest-command.ts';
import { sendTestCommand } from './send-test/send-test-command.ts';
import { serveCommand } from './serve/serve-command.ts';

/** The command line with all commands; parsing it runs one of them. */
export function commandLine(): Command {
  const program = new Command('privilege-monitor')
    .description(
      'Watches Amazon MWAA for changes of Apache Airflow privileges. All commands run on this machine; only `doctor`, `audit`, `findings` and `init --discover`, which are read-only, `send-test` and `selftest` call AWS.',
    )
    .version(packageJson.version, '--version', 'show the version')
    .option('--debug', 'show the stack trace of an error')
    .helpCommand(false)
    .exitOverride();
  for (const command of [
    demoCommand(),
    replayCommand(),
    queryCommand(),
    serveCommand(),
    initCommand(),
    doctorCommand(),
    findingsCommand(),
    auditCommand(),
    costCommand(),
    sendTestCommand(),
    selftestCommand(),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}
