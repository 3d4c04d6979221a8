import { standardTerminal, type Terminal, withTerminal } from './terminal.ts';

/**
 * Asks for confirmation.
 *
 * @param question without the final `[y/N]`
 * @returns whether the answer was `y` or `yes`; anything else, Ctrl+C and the end of the input mean
 *   no
 */
export async function askYes(
  question: string,
  terminal: Terminal = standardTerminal,
): Promise<boolean> {
  const answer = await withTerminal(terminal, (ask) => ask(`${question} [y/N] `));
  // The next output must begin on its own line.
  if (answer === undefined) terminal.output.write('\n');
  return /^y(?:es)?$/i.test(answer ?? '');
}
