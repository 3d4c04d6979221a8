import { shellWord } from '../../lambda/common/quote-shell-word.ts';
import type { Observed } from './observation.ts';

/** An AWS CLI command for the examined Region. */
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
