import { styleText } from 'node:util';
import Table from 'cli-table3';
import { visibleTextUpTo } from '../../local/visible-text.ts';
import { countOf } from '../shared/count-of.ts';
import type { Check, SelftestReport } from './report.ts';

const colours = {
  ok: 'green',
  note: 'yellow',
  differs: 'red',
  unknown: 'magenta',
} as const satisfies Record<Check['result'], string>;

const shownCharacters = 600;
const shownLines = 20;
const widthDefault = 120;

/** A self-test's report for a terminal: a table of the checks, then the details of differences. */
export function showSelftestReport(report: SelftestReport): string {
  return [
    checkTable(report),
    ...refusedLines(report),
    ...wrongLines(report),
    '',
    ...(report.kept ? [`These log groups remain: ${report.logGroups.join(', ')}`] : []),
    summary(report),
  ].join('\n');
}

function checkTable({ checks }: SelftestReport): string {
  const width = Math.max(80, process.stdout.columns ?? widthDefault);
  const first = Math.max(...checks.map(({ title }) => title.length)) + 2;
  const second = 'differs'.length + 2;
  const table = new Table({
    head: ['expected', 'result', 'observed'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
    colWidths: [first, second, Math.max(20, width - first - second - 4)],
    wordWrap: true,
  });
  table.push(
    ...checks.map(({ title, result, detail }) => [
      title,
      styleText(colours[result], result, { stream: process.stdout }),
      visibleTextUpTo(detail, shownCharacters),
    ]),
  );
  return table.toString();
}

/** A line for each refused detection, or only one if AWS refuses all for a common reason. */
function refusedLines({ refusedDetections, isPackRefused }: SelftestReport): string[] {
  return (isPackRefused ? refusedDetections.slice(0, 1) : refusedDetections).map(
    ({ id, message, excerpt }) =>
      `refused  ${isPackRefused ? `every detection, such as ${id}` : id}: ${visibleTextUpTo([message, ...(excerpt === undefined ? [] : [excerpt])].join('; '), shownCharacters)}`,
  );
}

function wrongLines({ verdicts: { wrong } }: SelftestReport): string[] {
  const shown = wrong
    .slice(0, shownLines)
    .map(
      ({ detection, line, logType, isEnded, expected, found }) =>
        `wrong  queries/${detection}.yaml ${line}${isEnded ? ' with a line feed' : ''} in ${logType}: should be ${expected}; found: ${found.join(', ') || 'none'}`,
    );
  const rest = wrong.length - shown.length;
  return rest > 0 ? [...shown, `… and ${countOf(rest, 'line')} more (--json has all)`] : shown;
}

function summary(report: SelftestReport): string {
  const { queries, bytesScanned, durationSeconds, checks, planted } = report;
  const cost = `${queries.toLocaleString('en')} queries over ${Math.ceil(bytesScanned / 1000)} kB in ${durationSeconds} s; ${countOf(planted.events, 'event')} visible after ${planted.visibleAfterSeconds} s`;
  const differing = checks.filter(({ result }) => result === 'differs').length;
  return differing === 0
    ? `AWS behaves as the monitor expects (${cost}).`
    : `${differing} of ${countOf(checks.length, 'check')} ${differing === 1 ? 'differs' : 'differ'} from what the monitor expects: see docs/selftest.md (${cost}).`;
}
