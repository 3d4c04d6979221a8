import type { Told } from './published.ts';

/** What a run came to. */
export interface RunResult {
  readonly told: readonly Told[];
  readonly sums: ReadonlyMap<string, number>;
  /** Of publishes whose answers never came back. */
  readonly lostPublishes: readonly Told[];
}

/** How often people were told the same once more, and what explains it. */
export interface Repeats {
  readonly repeats: number;
  readonly explained: number;
}

/**
 * Holds a run whose invocations were killed to one that nobody disturbed.
 *
 * @returns one sentence for each thing that differs
 */
export function differences(killed: RunResult, undisturbed: RunResult): string[] {
  const [now, before] = [lastTold(killed.told), lastTold(undisturbed.told)];
  const lost = [...before.keys()].filter((id) => !now.has(id));
  const strange = [...now.keys()].filter((id) => !before.has(id));
  const other = [...before].filter(([id, told]) => {
    const found = now.get(id);
    return found !== undefined && found.severity !== told.severity;
  });
  const late = [...now.values()].filter(({ late: isLate }) => isLate);
  return [
    ...lost.map((id) => `finding ${id} is lost`),
    ...strange.map((id) => `finding ${id} was told, and nobody finds it undisturbed`),
    ...other.map(([id]) => `finding ${id} ended with another severity`),
    ...late.map(({ id }) => `finding ${id}: the scan lost it, a sweep found it`),
    ...unexplained(killed),
    ...[...undisturbed.sums]
      .filter(([metric, sum]) => killed.sums.get(metric) !== sum)
      .map(
        ([metric, sum]) => `${metric} adds up to ${killed.sums.get(metric) ?? 0}, not to ${sum}`,
      ),
  ];
}

/** A message that repeats another one, finding by finding. */
export function repeatsOf({ told, lostPublishes }: RunResult): Repeats {
  const repeats = [...countsOf(told)].map(([key, count]) => [key, count - 1] as const);
  const causes = countsOf(lostPublishes);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    repeats: sum(repeats.map(([, count]) => count)),
    explained: sum(repeats.map(([key, count]) => Math.min(count, causes.get(key) ?? 0))),
  };
}

function unexplained({ told, lostPublishes }: RunResult): string[] {
  const causes = countsOf(lostPublishes);
  return [...countsOf(told)]
    .filter(([key, count]) => count - 1 > (causes.get(key) ?? 0))
    .map(
      ([key, count]) =>
        `finding ${key} was told ${count} times, and ${causes.get(key) ?? 0} answers of its publishes were lost`,
    );
}

/** By id and severity: a message that says that it got worse repeats none. */
function countsOf(told: readonly Told[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id, severity } of told) {
    const key = `${id} (${severity})`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function lastTold(told: readonly Told[]): Map<string, Told> {
  return new Map(told.map((one) => [one.id, one]));
}
