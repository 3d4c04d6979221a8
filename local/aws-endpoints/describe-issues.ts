import type { z } from 'zod';
import { valueAt } from '../../lambda/value-at.ts';

const valueCharacters = 80;

/** Every broken rule as `field: rule, got value`, joined by semicolons. */
export function describeIssues(error: z.ZodError, input: unknown): string {
  return error.issues
    .map(({ path, message }) => {
      const field = path.map(String).join('.') || 'the input';
      return `${field}: ${message}, got ${shown(valueAt(input, path))}`;
    })
    .join('; ');
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > valueCharacters ? `${text.slice(0, valueCharacters)}…` : text;
}
