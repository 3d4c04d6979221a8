import { styleText } from 'node:util';
import Table from 'cli-table3';
import { examine } from '../../doctor/examine.ts';
import { defaultExpectations, type Expectations } from '../../doctor/facts/facts.ts';
import { fixture, variations } from '../../doctor/fixtures/fixtures.ts';
import { createAsk } from '../../doctor/observe/ask.ts';
import { type AwsAccessOptions, createDoctorClients } from '../../doctor/observe/aws-access.ts';
import { observe } from '../../doctor/observe/observe.ts';
import type { CheckReport, Report } from '../../doctor/report.ts';
import type { Observed } from '../../doctor/shapes/observation.ts';
import type { EnvironmentConfig } from '../../infra/config/environment-config.ts';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import { systemTimer } from '../../lambda/common/time.ts';
import { visibleText } from '../../local/visible-text.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { checkAccount, findEnvironment } from '../common/named-environment.ts';
import { countOf, UserError } from '../common/output.ts';
import { startProgress } from '../common/progress.ts';

const minutesPerHour = 60;

/** Examines one of the example environments that ship with the doctor. */
export function examineFixture(name: string): Report {
  const observed = fixture(name);
  if (observed === undefined) {
    throw new UserError(`--fixture ${name}: there is no such fixture; the fixtures are:`, {
      detail: Object.entries(variations)
        .map(([known, { about }]) => `  ${known.padEnd(28)} ${about}`)
        .join('\n'),
    });
  }
  return examine(observed);
}

/**
 * Examines an environment in AWS.
 *
 * @param name the name of the MWAA environment, or of its file in `environments/`
 * @throws UserError, ObserveError when there is nothing to examine
 */
export async function examineEnvironment(
  name: string | undefined,
  { region, profile }: AwsAccessOptions,
): Promise<Report> {
  if (name === undefined) {
    throw new UserError(
      'give --env NAME for an MWAA environment, or --fixture NAME for an example',
    );
  }
  const { mwaaEnvironment, file, config, otherNames } = findEnvironment(name, region);
  const expectations = { ...(config ? expectationsOf(config) : defaultExpectations), file };
  const clients = await createDoctorClients({ region: region ?? config?.region, profile });
  const progress = startProgress('reading AWS', 'answers');
  const ask = createAsk((answered, begun) => progress.update(answered, begun));
  try {
    const nowEpochMs = Date.now();
    const plan = scanPlan(loadDetections(), config ?? { detections: { disable: [] } });
    const observed = await observe(ask, clients, {
      ...{ mwaaEnvironment, otherNames, nowEpochMs, expectations, plan },
      timer: systemTimer,
    });
    checkOwner(observed, config?.account);
    return examine(observed, expectations);
  } finally {
    progress.stop();
  }
}

function checkOwner({ environment, mwaaEnvironment }: Observed, account: string | undefined): void {
  const [, , , , owner] =
    environment.kind === 'known' ? (environment.value.Arn ?? '').split(':') : [];
  if (owner) checkAccount(account, owner, `MWAA environment ${mwaaEnvironment}`);
}

function expectationsOf(config: EnvironmentConfig): Expectations {
  const { farSweep, logTypes, silentAfterHours, everyMinutes, settleMinutes, kmsKeyArn } = config;
  return {
    sweepMinutes: farSweep.lagMinutes + farSweep.everyMinutes,
    logTypes,
    silentAfterMinutes: silentAfterHours * minutesPerHour,
    everyMinutes,
    settleMinutes,
    ...(kmsKeyArn !== undefined && { kmsKeyArn }),
    hasWitness: config.witness !== undefined,
  };
}

type Result = CheckReport['result'];

const colours = {
  pass: 'green',
  warn: 'yellow',
  fail: 'red',
  unknown: 'magenta',
} as const satisfies Record<Result, string>;

const results: readonly Result[] = ['fail', 'unknown', 'warn', 'pass'];

/** A doctor's report for a terminal: a table of all checks, then each problem and its fixes. */
export function showReport(report: Report): string {
  const troubles = results
    .filter((result) => result !== 'pass')
    .flatMap((result) => report.checks.filter((check) => check.result === result));
  return [
    checkTable(report),
    ...troubles.flatMap((check) => ['', ...troubleLines(check)]),
    ...noticeLines(report),
    ...skippedLines(report),
    ...report.questions.flatMap(({ title, meaning, commands }) => [
      '',
      bold(title),
      `  ${meaning}`,
      ...commandLines(commands),
    ]),
    '',
    summary(report),
  ].join('\n');
}

function checkTable({ checks }: Report): string {
  const table = new Table({
    head: ['check', 'result', 'expected'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    ...columnWidths(checks, process.stdout.columns),
  });
  for (const [area, some] of Map.groupBy(checks, (check) => check.area)) {
    table.push([bold(area), '', '']);
    table.push(
      ...some.map(({ id, result, title }) => [`  ${id}`, coloured(result, result), title]),
    );
  }
  return table.toString();
}

/** In a narrow terminal, the last column wraps. */
function columnWidths(checks: Report['checks'], terminalColumns: number | undefined) {
  const padding = 2;
  const first = Math.max(...checks.map(({ id }) => id.length + 2)) + padding;
  const second = 'unknown'.length + padding;
  const third = Math.max(...checks.map(({ title }) => title.length)) + padding;
  const borders = 4;
  const left = (terminalColumns ?? Number.POSITIVE_INFINITY) - first - second - borders;
  const colWidths = [first, second, Math.max(narrowest, Math.min(third, left))];
  return { colWidths, wordWrap: true };
}

/** The minimum width of a column of sentences. */
const narrowest = 30;

function troubleLines({ id, title, result, meaning, evidence, fixes }: CheckReport): string[] {
  return [
    `${coloured(result, result)} ${bold(id)}`,
    `  Expected: ${title}.`,
    `  Why: ${meaning}`,
    ...evidence.map((text) => `  Observed: ${visibleText(text)}`),
    ...fixes.flatMap(({ text, commands }) => [`  To do: ${text}`, ...commandLines(commands)]),
  ];
}

function commandLines(commands: readonly string[]): string[] {
  return commands.flatMap((command) =>
    command.split('\n').map((line) => `    ${styleText('cyan', visibleText(line), stdout)}`),
  );
}

function noticeLines({ checks }: Report): string[] {
  return checks.flatMap(({ id, notices }) =>
    notices.flatMap((text) => ['', `${bold(`Note: ${id}`)}`, `  ${visibleText(text)}`]),
  );
}

function skippedLines({ skipped }: Report): string[] {
  const byReason = Map.groupBy(skipped, ({ reason }) => reason);
  return Array.from(
    byReason,
    ([reason, some]) => `\nSkipped, since ${reason}: ${some.map(({ id }) => id).join(', ')}`,
  );
}

function summary({ environment, region, observedAt, counts, checks }: Report): string {
  const parts = results
    .filter((result) => counts[result] > 0)
    .map((result) => coloured(result, `${counts[result]} ${result}`));
  return `${environment} in ${region}, ${observedAt.slice(0, 16).replace('T', ' ')} UTC: ${countOf(checks.length, 'check')}: ${parts.join(', ')}`;
}

const stdout = { stream: process.stdout };

function coloured(result: Result, text: string): string {
  return styleText(colours[result], text, stdout);
}

function bold(text: string): string {
  return styleText('bold', text, stdout);
}
