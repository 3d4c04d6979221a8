import type { Observed } from './observed.ts';

/** A command of the AWS CLI for the Region that was looked at. */
export function awsCommand(
  { region }: Pick<Observed, 'region'>,
  operation: string,
  ...options: string[]
): string {
  return ['aws', operation, `--region ${region}`, ...options].join(' ');
}

/** One word for a POSIX shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** JSON as one word for a POSIX shell. */
export function shellJson(value: unknown): string {
  return shellWord(JSON.stringify(value));
}
