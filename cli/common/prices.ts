import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';

/**
 * List prices of CloudWatch Logs in us-east-1, in US dollars per gigabyte; other Regions cost up to
 * twice as much. https://aws.amazon.com/cloudwatch/pricing/
 */
export const usdPerGb = { scanned: 0.005, put: 0.5 } as const;

const gigabyte = 1e9;

/** The cost in US dollars, with 10^9 bytes per gigabyte, which can only overestimate it. */
export function costUsd(bytes: number, priceUsdPerGb: number): number {
  return (bytes / gigabyte) * priceUsdPerGb;
}

/** `about 0.06 USD`, `less than 0.01 USD` */
export function usdText(usd: number): string {
  return usd < 0.01 ? 'less than 0.01 USD' : `about ${usd.toFixed(2)} USD`;
}

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
