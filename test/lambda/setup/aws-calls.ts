import { execFileSync } from 'node:child_process';

/**
 * Runs lines of a shell with a stand-in for `aws`.
 *
 * @param answer what each call prints
 * @returns the words of each call of aws, in the order of their calls
 * @throws Error if a line fails, or if anything else writes to the standard output or error
 */
export function awsCallsOf(lines: readonly string[], answer = '{"answer":"of aws"}'): string[][] {
  const script = [
    'set -eu',
    'aws() { for word; do printf \'%s\\0\' "$word" >&3; done; printf \'\\001\\0\' >&3; printf %s "$answer"; }',
    'exec 3>&1',
    'run() { eval "$1" >/dev/null; }',
    ...lines.map((line) => `run '${line.replaceAll("'", "'\\''")}'`),
  ].join('\n');
  const printed = execFileSync('/bin/sh', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', answer },
  });
  const calls: string[][] = [[]];
  for (const word of printed.split('\0').slice(0, -1)) {
    if (word === '\u0001') calls.push([]);
    else calls.at(-1)?.push(word);
  }
  return calls.slice(0, -1);
}
