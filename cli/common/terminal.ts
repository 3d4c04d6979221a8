import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

/** Where people are asked. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
}

/** Asks on the standard error stream, so that the standard output has only results. */
export const standardTerminal: Terminal = { input: process.stdin, output: process.stderr };

type Question = (text: string) => Promise<string>;

/**
 * Asks people, and stops at Ctrl+C or the end of the input.
 *
 * @param use asks one question after the other; an answer has no blanks around it
 * @returns what `use` returns, or undefined when it was stopped
 */
export async function withTerminal<T>(
  { input, output }: Terminal,
  use: (ask: Question) => Promise<T>,
): Promise<T | undefined> {
  const lines = createInterface({ input, output });
  const ended = new AbortController();
  lines.once('SIGINT', () => lines.close());
  lines.once('close', () => ended.abort());
  try {
    return await use(async (text) => (await lines.question(text, { signal: ended.signal })).trim());
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    return undefined;
  } finally {
    lines.close();
  }
}

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
