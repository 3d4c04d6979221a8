import type { SeededRandom } from '../seeded-random.ts';

/** Starts and ends of formats, and strings that programs are known to mishandle. */
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

/** A name chosen to do harm. */
export function hostileName(random: SeededRandom): string {
  const name = random.pick(names);
  return random.chance(0.3) ? `${name}${random.pick(names)}` : name;
}

/** A unique name, which may do harm as well. */
export function inventedName(random: SeededRandom, index: number): string {
  return random.chance(0.2) ? `eve${index}${hostileName(random)}` : `eve${index}`;
}
