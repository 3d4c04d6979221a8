import type { Told } from './published.ts';

/** The result of a run. */
export interface RunResult {
  readonly told: readonly Told[];
  readonly sums: ReadonlyMap<string, number>;
  /** How many publishes of unknown outcome the ledger has counted, by finding id. */
  readonly counted: ReadonlyMap<string, number>;
  /** Findings published by invocations that were killed before they could record it. */
  readonly unknownPublishes: readonly Told[];
}

/**
 * How many messages repeat a finding, and how many of these a publish of unknown outcome explains.
 */
export interface Repeats {
  readonly repeats: number;
  readonly explained: number;
}

/**
 * Compares a run whose invocations were killed with an undisturbed one.
 *
 * @returns one sentence for each difference
 */
export function differences(killed: RunResult, undisturbed: RunResult): string[] {
  const [now, before] = [lastTold(killed.told), lastTold(undisturbed.told)];
  const lost = [...before.keys()].filter((id) => !now.has(id));
  const strange = [...now.values()].filter(({ id }) => !before.has(id));
  const other = [...before].filter(([id, told]) => {
    const found = now.get(id);
    return found !== undefined && found.severity !== told.severity;
  });
  const late = [...now.values()].filter(({ late: isLate }) => isLate);
  return [
    ...lost.map((id) => `finding ${id} is lost`),
    ...strange.map(
      ({ id, subject }) => `finding ${id} was told, and nobody finds it undisturbed: "${subject}"`,
    ),
    ...other.map(([id]) => `finding ${id} ended with another severity`),
    ...late.map(({ id }) => `finding ${id}: the scan lost it, a sweep found it`),
    ...unexplained(killed),
    ...uncounted(killed),
    ...[...undisturbed.sums]
      .filter(([metric, sum]) => killed.sums.get(metric) !== sum)
      .map(
        ([metric, sum]) => `${metric} adds up to ${killed.sums.get(metric) ?? 0}, not to ${sum}`,
      ),
  ];
}

/** Counts repeats by finding, for one message can repeat several. */
export function repeatsOf({ told, unknownPublishes }: RunResult): Repeats {
  const repeats = [...countsOf(told)].map(([key, count]) => [key, count - 1] as const);
  const causes = countsOf(unknownPublishes);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    repeats: sum(repeats.map(([, count]) => count)),
    explained: sum(repeats.map(([key, count]) => Math.min(count, causes.get(key) ?? 0))),
  };
}

function unexplained({ told, unknownPublishes }: RunResult): string[] {
  const causes = countsOf(unknownPublishes);
  return [...countsOf(told)]
    .filter(([key, count]) => count - 1 > (causes.get(key) ?? 0))
    .map(
      ([key, count]) =>
        `finding ${key} was told ${count} times, and the outcome of ${causes.get(key) ?? 0} of its publishes was unknown`,
    );
}

/**
 * The ledger must count each publish that may be a repeat, also where its invocation was killed.
 */
function uncounted({ told, counted }: RunResult): string[] {
  const repeats = new Map<string, number>();
  for (const [key, count] of countsOf(told)) {
    const id = key.replace(/ .*$/, '');
    repeats.set(id, (repeats.get(id) ?? 0) + count - 1);
  }
  return [...repeats]
    .filter(([id, count]) => count > (counted.get(id) ?? 0))
    .map(
      ([id, count]) =>
        `finding ${id} was told again ${count} times, of which the ledger counts ${counted.get(id) ?? 0}`,
    );
}

/** By id and severity, for a message about a worse severity is no repeat. */
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
