import { number, sqlNumber } from '../sql/values.ts';
import type { CallArguments } from './call-arguments.ts';
import { scalar } from './scalar-function.ts';

const unlimited = Number.POSITIVE_INFINITY;

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
