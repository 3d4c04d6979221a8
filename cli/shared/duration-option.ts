import { InvalidArgumentError } from 'commander';

const unitMs = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/**
 * Parses a duration such as `7s`, `5m`, `1h` or `2d`.
 *
 * @returns milliseconds
 * @throws InvalidArgumentError for anything else, including zero
 */
export function parseDuration(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const durationMs = Number(digits) * (unitMs.get(unit) ?? 0);
  if (durationMs === 0) {
    throw new InvalidArgumentError('It must be a duration such as 7s, 5m, 1h or 2d.');
  }
  return durationMs;
}
