import type { Command } from 'commander';
import { auditCommand } from './audit/audit-command.ts';
import { costCommand } from './cost/cost-command.ts';
import { demoCommand } from './demo/demo-command.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { findingsCommand } from './findings/findings-command.ts';
import { initCommand } from './init/init-command.ts';
import { programOf } from './program.ts';
import { queryCommand } from './query/query-command.ts';
import { replayCommand } from './replay/replay-command.ts';
import { selftestCommand } from './selftest/selftest-command.ts';
import { sendTestCommand } from './send-test/send-test-command.ts';
import { serveCommand } from './serve/serve-command.ts';

/** The command line with all commands; parsing it runs one of them. */
export function commandLine(): Command {
  return programOf([
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
  ]);
}
