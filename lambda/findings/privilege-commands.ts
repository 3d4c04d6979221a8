import { EchoReader } from './echo-reader.ts';
import { echoedCommands } from './echoed-commands.ts';
import { mayNameTable } from './metadata-sql.ts';
import type { PrivilegeCommand } from './privilege-command.ts';
import { actionLogCommands, endpointCommands, restCommands } from './remote-commands.ts';

/**
 * Every command of an echo that changes Airflow's privileges: Airflow's and Flask's command line
 * behind whatever runs it (`sudo`, `xargs`, `bash -c "…"`, a loop), and SQL on the metadata tables.
 *
 * An echo is BashOperator's `Running command: […]`, the `Command '[…]' returned non-zero exit status`
 * of Python's subprocess, a line of `set -x`, or a statement that a database operator announces. Help
 * texts, prose and what is shown and no more are none.
 *
 * Every command of an event of any length is read, in time linear in the length. A text that is
 * nested too deep to be read becomes one `unread` command; one that is given the words of a command and
 * cannot be read becomes a command without a name.
 *
 * @param texts those of the event ({@link textsOf})
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
      // What is printed and no more is read for SQL alone.
      if (echo.printed !== undefined && !mayNameTable(echo.printed)) continue;
      for (const command of new EchoReader(echo).read()) add(command, echo.prompted);
    }
    for (const command of restCommands(text)) add(command);
  }
  return [...found.values()];
}
