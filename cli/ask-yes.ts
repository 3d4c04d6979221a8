import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

/**
 * Asks a person at a terminal for leave: on the standard error stream, so that the standard output stays
 * free for results.
 *
 * @param question without its end
 * @returns whether the answer was `y` or `yes`; anything else, Ctrl+C and the end of the input are no
 */
export async function askYes(
  question: string,
  { input, output }: { readonly input: Readable; readonly output: Writable } = {
    input: process.stdin,
    output: process.stderr,
  },
): Promise<boolean> {
  const terminal = createInterface({ input, output });
  const ended = new AbortController();
  terminal.once('SIGINT', () => terminal.close());
  terminal.once('close', () => ended.abort());
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: ended.signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    // What is said next begins on a line of its own.
    output.write('\n');
    return false;
  } finally {
    terminal.close();
  }
}
