import { shellWord } from '../lambda/shell-word.ts';
import type { Observed } from './observed.ts';

/** A command of the AWS CLI for the Region that was looked at. */
export function awsCommand(
  { region }: Pick<Observed, 'region'>,
  operation: string,
  ...options: string[]
): string {
  return ['aws', operation, `--region ${region}`, ...options].join(' ');
}

/** JSON as one word for a POSIX shell. */
export function shellJson(value: unknown): string {
  return shellWord(JSON.stringify(value));
}
