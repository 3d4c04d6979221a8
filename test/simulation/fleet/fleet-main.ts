/**
 * `npm run simulate:fleet` runs the monitors of one account through an outage of an hour, under a limit
 * of 100 and of 30 queries at once. `-- --turns same` lets all of them tick in the same second. Exits
 * with 1 when a change is lost, or a monitor does not catch up.
 */
import { parseArgs } from 'node:util';
import { fleetText, problemsOf } from './fleet-summary.ts';
import { type FleetPlan, runFleet } from './run-fleet.ts';

const { values } = parseArgs({
  options: {
    monitors: { type: 'string', default: '300' },
    /** Queries that the account may run at once; several are joined by commas. */
    queries: { type: 'string', default: '100,30' },
    before: { type: 'string', default: '60' },
    outage: { type: 'string', default: '60' },
    after: { type: 'string', default: '90' },
    /** What is out: logs or ticks. */
    without: { type: 'string', default: 'logs' },
    /** own or same. */
    turns: { type: 'string', default: 'own' },
  },
});

const catchUpMaxMinutes = 15;

// The handler creates many errors on purpose, and nobody reads their stacks.
Error.stackTraceLimit = 0;
for (const queries of values.queries.split(',')) {
  const result = await runFleet({
    monitors: wholeNumber('--monitors', values.monitors),
    queriesMax: wholeNumber('--queries', queries),
    minutesBefore: wholeNumber('--before', values.before),
    outageMinutes: wholeNumber('--outage', values.outage),
    minutesAfter: wholeNumber('--after', values.after),
    outage: oneOf('--without', values.without, ['logs', 'ticks']),
    turns: oneOf('--turns', values.turns, ['own', 'same']),
  } satisfies FleetPlan);
  console.log(fleetText(result));
  for (const problem of problemsOf(result, catchUpMaxMinutes)) {
    process.exitCode = 1;
    console.error(`  BROKEN: ${problem}`);
  }
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  return refuse(`${option}: must be a whole number, got "${text}"`);
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  return found ?? refuse(`${option}: must be one of ${choices.join(', ')}, got "${text}"`);
}

function refuse(what: string): never {
  console.error(what);
  process.exit(2);
}
