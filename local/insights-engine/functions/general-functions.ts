import {
  asBoolean,
  boolean,
  commonType,
  convert,
  json,
  number,
  sqlNumber,
  text,
  type Value,
} from '../sql/values.ts';
import { type CallArguments, scalar } from './scalar-function.ts';

const unlimited = Number.POSITIVE_INFINITY;
const maxBranches = 10;

/** AWS: "General functions" and "JSON functions". */
export const generalFunctions = [
  scalar('ispresent', [1, 1], (args) => boolean(`(${args.value(0).sql} IS NOT NULL)`)),
  scalar('coalesce', [1, unlimited], (args) => {
    const values = args.values();
    return choose(args, values, (branches) => `coalesce(${branches.join(', ')})`);
  }),
  scalar('if', [3, 3], (args) => {
    const condition = args.boolean(0);
    return choose(
      args,
      args.values(1),
      ([yes, no]) => `CASE WHEN ${condition} THEN ${yes} ELSE ${no} END`,
    );
  }),
  scalar('case', [2, 2 * maxBranches + 1], (args) => {
    const values = args.values();
    const results = values.filter((_, at) => at % 2 === 1 || at === values.length - 1);
    const conditions = values.filter((_, at) => at % 2 === 0 && at < values.length - 1);
    return choose(args, results, (branches) => {
      const { name } = args.context.pipeline;
      const cases = conditions.map(
        (value, at) => `WHEN ${asBoolean(value, name)} THEN ${branches[at]}`,
      );
      const otherwise = branches.length > conditions.length ? ` ELSE ${branches.at(-1)}` : '';
      return `CASE ${cases.join(' ')}${otherwise} END`;
    });
  }),
  scalar('isNumeric', [1, 1], (args) => boolean(`(${args.number(0)} IS NOT NULL)`)),
  scalar('messageSize', [1, 1], (args) => number(`CAST(strlen(${args.text(0)}) AS DOUBLE)`)),
  scalar('jsonParse', [1, 1], (args) => json(args.structure(0))),
  scalar('jsonStringify', [1, 1], (args) => text(args.structure(0))),
  scalar('jsonArraySize', [1, 1], (args) => number(`CAST(len(${elements(args)}) AS DOUBLE)`)),
  scalar('jsonArrayContains', [2, 2], (args) => {
    // Elements are compared as JSON text: a string, or a number or true as written.
    const wanted = args.named(args.text(1));
    const spellings = `[CAST(to_json(${wanted}) AS VARCHAR), ${wanted}]`;
    return boolean(`coalesce(list_has_any(${elements(args)}, ${spellings}), false)`);
  }),
];

/** The JSON texts of a list's elements; NULL for anything else. */
function elements(args: CallArguments): string {
  const value = args.value(0);
  const source = args.named(value.type === 'list' ? value.sql : args.structure(0));
  return `CASE WHEN left(${source}, 1) = '[' THEN CAST(json_extract(${source}, '$[*]') AS VARCHAR[]) END`;
}

function choose(
  args: CallArguments,
  values: readonly Value[],
  build: (branches: readonly string[]) => string,
): Value {
  const type = commonType(values);
  return {
    type,
    sql: build(values.map((value) => convert(value, type, args.context.pipeline.name))),
  };
}

/** AWS: "Numeric operators" of the functions page. An undefined result is missing. */
export const numericFunctions = [
  scalar('abs', [1, 1], (args) => number(`abs(${args.number(0)})`)),
  scalar('ceil', [1, 1], (args) => number(`ceil(${args.number(0)})`)),
  scalar('floor', [1, 1], (args) => number(`floor(${args.number(0)})`)),
  // Skips missing values; not documented by AWS.
  scalar('greatest', [1, unlimited], (args) => number(`greatest(${numbers(args)})`)),
  scalar('least', [1, unlimited], (args) => number(`least(${numbers(args)})`)),
  scalar('log', [1, 1], (args) => {
    const value = args.named(args.number(0));
    return number(`CASE WHEN ${value} > 0 THEN ln(${value}) END`);
  }),
  scalar('sqrt', [1, 1], (args) => {
    const value = args.named(args.number(0));
    return number(`CASE WHEN ${value} >= 0 THEN sqrt(${value}) END`);
  }),
  scalar('round', [1, 2], (args) => {
    if (!args.has(1)) return number(`round(${args.number(0)})`);
    return number(`round(${args.number(0)}, ${wholeNumber(args, 1, -300, 300, 'INTEGER')})`);
  }),
  scalar('haversine', [4, 4], (args) => {
    const [lat1, lon1, lat2, lon2] = [0, 1, 2, 3].map((at) => `radians(${args.number(at)})`);
    const half = (from: string, to: string) => `pow(sin((${to} - ${from}) / 2e0), 2e0)`;
    const a = `${half(`${lat1}`, `${lat2}`)} + cos(${lat1}) * cos(${lat2}) * ${half(`${lon1}`, `${lon2}`)}`;
    // sin() fails on infinity, asin() on values that rounding pushed past 1.
    const chord = args.named(`TRY(${a})`);
    const bounded = `CASE WHEN ${chord} > 1 THEN 1e0 ELSE ${chord} END`;
    return number(`${sqlNumber(2 * earthRadiusKm)} * asin(sqrt(${bounded}))`);
  }),
  scalar('toNumber', [1, 1], (args) => number(args.number(0))),
  scalar('toInt', [1, 1], (args) => integer(args, 2 ** 31)),
  scalar('toLong', [1, 1], (args) => integer(args, 2 ** 63)),
  scalar('toDouble', [1, 1], (args) => number(args.number(0))),
];

/** The mean radius; AWS does not document which one it uses. */
const earthRadiusKm = 6371;

function numbers(args: CallArguments): string {
  return args.call.arguments.map((_, at) => args.number(at)).join(', ');
}

function integer(args: CallArguments, limit: number) {
  const value = args.named(`trunc(${args.number(0)})`);
  const fits = `${value} >= ${sqlNumber(-limit)} AND ${value} < ${sqlNumber(limit)}`;
  return number(`CASE WHEN ${fits} THEN ${value} END`);
}

/** An argument truncated to a whole number within limits, so that no conversion can fail. */
export function wholeNumber(
  args: CallArguments,
  index: number,
  from: number,
  to: number,
  sqlType: 'INTEGER' | 'BIGINT',
): string {
  const value = args.named(`trunc(${args.number(index)})`);
  return (
    `CAST(CASE WHEN ${value} < ${from} THEN ${from} WHEN ${value} > ${to} THEN ${to} ` +
    `WHEN isnan(${value}) THEN NULL ELSE ${value} END AS ${sqlType})`
  );
}
