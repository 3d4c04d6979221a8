import type { AuditRow } from './airflow-state.ts';

/** Rows of commands that give the most powerful roles before all others; otherwise in their order. */
export function powerfulFirst(rows: readonly AuditRow[]): readonly AuditRow[] {
  return [...rows.filter(givesPower), ...rows.filter((row) => !givesPower(row))];
}

function givesPower({ commands }: AuditRow): boolean {
  return commands.some(({ role, roles = [] }) =>
    [role, ...roles].some((name) => name === 'Admin' || name === 'Op' || name === 'Public'),
  );
}
