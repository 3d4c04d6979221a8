import type * as z from 'zod/mini';
import { schemaIssues } from './schema-issues.ts';

/** Invalid input from outside; the message names place, field, rule and value. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/**
 * Checks a value from outside.
 *
 * @param place what the value is, as a reader would name it: `environment variable MONITOR_CONFIG`
 * @throws InvalidInputError naming the place, each bad field, the rule and the value seen
 */
export function parseInput<T>(schema: z.ZodMiniType<T>, input: unknown, place: string): T {
  const result = schema.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const problems = schemaIssues(result.error, input).map(
    ({ field, rule, got }) => `${field === '' ? '' : `field "${field}": `}${rule}, got ${got}`,
  );
  throw new InvalidInputError(`${place}: ${problems.join('; ')}`);
}
