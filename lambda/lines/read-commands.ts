import { EchoReader } from '../commands/echo-reader.ts';
import { echoedCommands } from '../commands/echoed-commands.ts';
import type { PrivilegeCommand } from '../commands/privilege-command.ts';
import { actionLogCommands, endpointCommands, restCommands } from '../commands/remote-commands.ts';
import { mayNameTable } from '../sql/metadata-sql.ts';

/**
 * Reads the echoed commands of an event that change Airflow's privileges: Airflow's and Flask's
 * command line, whatever runs it (`sudo`, `xargs`, `bash -c "…"`, a loop), and SQL on the metadata
 * tables.
 *
 * An echo is BashOperator's `Running command: […]`, the `Command '[…]' returned non-zero exit
 * status` of Python's subprocess, a line of `set -x`, or a statement that a database operator
 * announces. Calls for help, prose and texts that are only shown do not count.
 *
 * Every command is read, in time linear in the event's length. A text that is nested too deep
 * becomes one `unread` command; one that has the words of a command but cannot be read becomes a
 * command without a verb.
 *
 * @param texts those of the event (`textsOf`)
 */
export function readPrivilegeCommands(texts: readonly string[]): readonly PrivilegeCommand[] {
  const found = new Map<string, PrivilegeCommand>();
  const add = (command: PrivilegeCommand, prompted?: true) => {
    const key = JSON.stringify(command);
    if (prompted !== true) found.set(key, command);
    else if (!found.has(key)) found.set(key, { ...command, prompted });
  };
  for (const text of texts) {
    const remote = [...endpointCommands(text), ...actionLogCommands(text)];
    for (const echo of [...echoedCommands(text), ...remote]) {
      // A text that is only printed is read for SQL and nothing else.
      if (echo.printed !== undefined && !mayNameTable(echo.printed)) continue;
      for (const command of new EchoReader(echo).read()) add(command, echo.prompted);
    }
    for (const command of restCommands(text)) add(command);
  }
  return [...found.values()];
}
