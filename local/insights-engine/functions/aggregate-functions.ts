import {
  asNumber,
  isNumeric,
  list,
  naturalSortKeys,
  number,
  text,
  type Value,
} from '../sql/values.ts';
import type { CallArguments } from './scalar-function.ts';

/** A function of all events of a group. */
interface AggregateFunction {
  readonly name: string;
  readonly minArguments: number;
  readonly maxArguments: number;
  readonly build: (args: CallArguments) => Value;
}

/** AWS: "Functions to use with stats". Missing values never count. */
const aggregates: readonly AggregateFunction[] = [
  aggregate('count', [0, 1], countEvents),
  ...['count_distinct', 'countDistinct'].map((name) =>
    aggregate(name, [1, 1], (args) => number(`CAST(count(DISTINCT ${args.text(0)}) AS DOUBLE)`)),
  ),
  // Compensated summation: the order in which threads add must not change the last digit.
  aggregate('sum', [1, 1], (args) => number(`fsum(${args.number(0)})`)),
  aggregate('avg', [1, 1], (args) => number(`favg(${args.number(0)})`)),
  ...(['min', 'max'] as const).map((name) =>
    aggregate(name, [1, 1], (args) => extreme(args, name)),
  ),
  // Population, as AWS documents for variance but not for stddev.
  aggregate('stddev', [1, 1], (args) => number(`stddev_pop(${squarable(args)})`)),
  aggregate('variance', [1, 1], (args) => number(`var_pop(${squarable(args)})`)),
  aggregate('pct', [2, 2], (args) => {
    const percent = args.constantNumber(1);
    if (percent < 0 || percent > 100) throw args.failure(1, 'must be from 0 to 100');
    return percentile(args.number(0), percent);
  }),
  // Not documented, but in use.
  aggregate('median', [1, 1], (args) => percentile(args.number(0), 50)),
  aggregate('earliest', [1, 1], (args) => byTime(args, 'arg_min')),
  aggregate('latest', [1, 1], (args) => byTime(args, 'arg_max')),
  aggregate('sortsFirst', [1, 1], (args) => byNaturalOrder(args, 'arg_min')),
  aggregate('sortsLast', [1, 1], (args) => byNaturalOrder(args, 'arg_max')),
  aggregate('values', [1, 1], (args) => {
    const value = args.named(args.text(0));
    const distinct = `list(DISTINCT ${value}) FILTER (WHERE ${value} IS NOT NULL)`;
    return list(`CAST(to_json(list_sort(${distinct})) AS VARCHAR)`);
  }),
  aggregate('topk', [2, 2], topk),
  // Measured on AWS: count_over_time(*) is count(*). The window is the one of `by bin(…)`.
  ...['countOverTime', 'count_over_time'].map((name) => aggregate(name, [0, 1], countEvents)),
  ...['sumOverTime', 'sum_over_time'].map((name) =>
    aggregate(name, [1, 1], (args) => number(`fsum(${args.number(0)})`)),
  ),
];

export const aggregateFunctions: ReadonlyMap<string, AggregateFunction> = new Map(
  aggregates.map((one) => [one.name.toLowerCase(), one]),
);

function aggregate(
  name: string,
  [minArguments, maxArguments]: readonly [number, number],
  build: AggregateFunction['build'],
): AggregateFunction {
  return { name, minArguments, maxArguments, build };
}

/** `count()` and `count(*)` count events, `count(x)` those that have x. */
function countEvents(args: CallArguments): Value {
  const what = args.has(0) ? args.value(0).sql : '*';
  return number(`CAST(count(${what}) AS DOUBLE)`);
}

/** Leaves out numbers whose squares are infinite: one such event must not fail the query. */
function squarable(args: CallArguments): string {
  const value = args.named(args.number(0));
  return `CASE WHEN abs(${value}) < 1e150 THEN ${value} END`;
}

/**
 * The nearest rank: AWS describes it as the value of the field below which that percentage lies.
 * Whether it interpolates is not documented.
 */
function percentile(sql: string, percent: number): Value {
  return number(`quantile_disc(${sql}, ${percent / 100})`);
}

/**
 * Compares numbers by value, and a field without numbers by code point. Times are epoch
 * milliseconds, as on AWS.
 */
function extreme(args: CallArguments, name: 'min' | 'max'): Value {
  const value = args.value(0);
  if (isNumeric(value)) return number(`${name}(${args.number(0)})`);
  const shown = args.text(0);
  const key = args.named(asNumber({ sql: args.named(shown), type: 'text' }, args.named));
  // The extreme number as written in the event.
  return text(`coalesce(arg_${name}(${shown}, ${key}), ${name}(${shown}))`);
}

function byTime(args: CallArguments, sqlFunction: 'arg_min' | 'arg_max'): Value {
  const { call, context } = args;
  if (context.scope.aggregated) throw context.scope.unknown('@timestamp', call.span);
  // The event's number makes the result unique when several events have the same time.
  const order = 'CAST(ts AS HUGEINT) * 1000000000000 + rid';
  const value = args.value(0);
  const sql = isNumeric(value) ? args.number(0) : args.text(0);
  return { type: isNumeric(value) ? 'number' : 'text', sql: `${sqlFunction}(${sql}, ${order})` };
}

function byNaturalOrder(args: CallArguments, sqlFunction: 'arg_min' | 'arg_max'): Value {
  const value = args.value(0);
  const keys = naturalSortKeys(value, args.named);
  const sql = isNumeric(value) ? args.number(0) : args.text(0);
  return {
    type: isNumeric(value) ? 'number' : 'text',
    sql: `${sqlFunction}(${sql}, row(${keys.join(', ')}))`,
  };
}

function topk(args: CallArguments): Value {
  const count = args.constantNumber(0);
  if (!Number.isInteger(count) || count < 1 || count > 10_000) {
    throw args.failure(0, 'must be a whole number from 1 to 10000');
  }
  const counted = `list_transform(map_entries(histogram(${args.text(1)})), lambda one: struct_pack(n := -CAST(one.value AS BIGINT), v := one.key))`;
  const top = `list_slice(list_transform(list_sort(${counted}), lambda one: one.v), 1, ${count})`;
  return list(`CAST(to_json(${top}) AS VARCHAR)`);
}
