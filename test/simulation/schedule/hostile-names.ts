import type { SeededRandom } from '../seeded-random.ts';

/** Ends and beginnings of formats, and what programs are known to stumble over. */
const names = [
  '',
  ' ',
  '"',
  "'",
  '\\',
  '\\n',
  '\\"',
  '\n',
  '\r\n\r\n',
  '\0',
  '\u001b[31m',
  '\u0085',
  '\u2028',
  '\u202eadmin',
  '\u200b',
  '\ud800',
  '\udfff\ud800',
  '\ufffd',
  '%s',
  '%00',
  '%2',
  '%E0%A4%A',
  '%25%32%66',
  '{role}',
  '$IFS',
  '`id`',
  '***',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-1',
  '1e999',
  '<script>alert(1)</script>',
  'https://example.org/?a=b&c',
  '=HYPERLINK("x")',
  'Admin [eu]',
  'Admin"',
  'Admin,Viewer',
  'x" added to role "Viewer',
  "x', parameters: None",
  'x","level":"info',
  'x [airflow.providers.fab.auth_manager.security_manager.override] loc=override.py:1',
  'x\n[2026-03-02T00:00:00.000+0000] {override.py:1596} INFO - Added user y',
  'é'.repeat(40),
  'r'.repeat(300),
  '𝕬'.repeat(2_000),
] as const;

/** A name that somebody chose so that it does harm. */
export function hostileName(random: SeededRandom): string {
  const name = random.pick(names);
  return random.chance(0.3) ? `${name}${random.pick(names)}` : name;
}

/** A name that nobody else has, and that may do harm as well. */
export function inventedName(random: SeededRandom, index: number): string {
  return random.chance(0.2) ? `eve${index}${hostileName(random)}` : `eve${index}`;
}
