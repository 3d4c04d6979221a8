import type { FieldReference } from '../../../query-language/syntax/ast.ts';
import { number, sqlNumber, sqlString, text, time } from '../sql/values.ts';
import type { CallArguments } from './call-arguments.ts';
import { javaDatePattern, strftimeFormat } from './date-formats.ts';
import { floorTo, nextPeriod, periodOf } from './periods.ts';
import { scalar } from './scalar-function.ts';

/** AWS: "Datetime functions" of the functions page. */
export const datetimeFunctions = [
  scalar('bin', [1, 1], (args) => {
    const { scope } = args.context;
    const { span } = args.call;
    const timestamp: FieldReference = {
      kind: 'field',
      name: '@timestamp',
      path: ['@timestamp'],
      span,
    };
    const period = periodOf(args.duration(0));
    const at = args.named(scope.resolve(timestamp).sql);
    return time(floorTo(at, period, offsetOf(args)));
  }),
  scalar('datefloor', [2, 2], (args) => {
    const period = periodOf(args.duration(1));
    return time(floorTo(args.named(args.time(0)), period, offsetOf(args)));
  }),
  scalar('dateceil', [2, 2], (args) => {
    const at = args.named(args.time(0));
    const period = periodOf(args.duration(1));
    const floored = args.named(floorTo(at, period, offsetOf(args)));
    return time(`CASE WHEN ${floored} = ${at} THEN ${at} ELSE ${nextPeriod(floored, period)} END`);
  }),
  scalar('fromMillis', [1, 1], (args) => time(args.time(0))),
  scalar('toMillis', [1, 1], (args) => number(args.number(0))),
  scalar('now', [0, 0], ({ context }) => number(sqlNumber(Math.floor(context.nowEpochMs / 1000)))),
  scalar('parseDate', [2, 3], (args) => {
    const { format, hasOffset } = javaDatePattern(args.constantText(1), (rule) =>
      args.failure(1, rule),
    );
    const parsed = `try_strptime(${args.text(0)}, ${sqlString(format)})`;
    // With an offset in the text, the result already is an instant.
    const instant = hasOffset ? parsed : `timezone(${zone(args)}, ${parsed})`;
    return number(`CAST(epoch_ms(${instant}) AS DOUBLE)`);
  }),
  ...['formatDate', 'strftime'].map((name) =>
    scalar(name, [2, 3], (args) => {
      const zoneName = args.has(2) ? args.constantText(2) : 'UTC';
      const format = strftimeFormat(args.constantText(1), zoneName, (rule) =>
        args.failure(1, rule),
      );
      const utc = `timezone('UTC', make_timestamp_ms(${args.time(0)}))`;
      return text(`strftime(timezone(${zone(args)}, ${utc}), ${sqlString(format)})`);
    }),
  ),
  scalar('queryStartTime', [0, 0], ({ context }) => number(sqlNumber(context.startEpochMs))),
  // The last millisecond that the query reads; AWS does not document its result to the millisecond.
  scalar('queryEndTime', [0, 0], ({ context }) => number(sqlNumber(context.endEpochMs))),
  scalar('queryTimeRange', [0, 0], ({ context }) =>
    number(sqlNumber(context.endEpochMs - context.startEpochMs)),
  ),
];

function offsetOf(args: CallArguments): number {
  const { offset } = args.call;
  if (offset === undefined) return 0;
  const period = periodOf(offset);
  // An offset needs a length; AWS documents none longer than days.
  return 'milliseconds' in period ? period.milliseconds : period.months * 30 * 86_400_000;
}

/** The time zone in argument 3, by default UTC. */
function zone(args: CallArguments): string {
  if (!args.has(2)) return "'UTC'";
  const name = args.constantText(2);
  if (!/^(?:UTC|GMT|[A-Z][A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)+)$/.test(name) || !isTimeZone(name)) {
    throw args.failure(2, 'must be a time zone such as UTC or Europe/Berlin');
  }
  return sqlString(name);
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).format(0) !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
