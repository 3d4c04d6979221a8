import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

/**
 * Asks for confirmation at a terminal, on the standard error stream so that the standard output has
 * only results.
 *
 * @param question without the final `[y/N]`
 * @returns whether the answer was `y` or `yes`; anything else, Ctrl+C and the end of the input mean
 *   no
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
    // The next output must begin on its own line.
    output.write('\n');
    return false;
  } finally {
    terminal.close();
  }
}
