import { createInterface } from 'node:readline/promises';

/**
 * Asks on the standard error stream, so that the standard output stays free for results.
 *
 * @returns whether it was answered with yes; Ctrl+C, and an end of the input, are a no
 */
export async function askYesNo(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const aborted = new AbortController();
  lines.once('SIGINT', () => aborted.abort());
  lines.once('close', () => aborted.abort());
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: aborted.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!aborted.signal.aborted) throw error;
    process.stderr.write('\n');
    return false;
  } finally {
    lines.close();
  }
}
