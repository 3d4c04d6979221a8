import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { readSignals } from '../../lambda/lines/read-signals.ts';
import { logTypes } from '../../lambda/model/log-types.ts';
import { severities } from '../../lambda/model/severity.ts';
import type { SignalKind } from '../../lambda/model/signal.ts';
import { verbNames, verbs } from '../../lambda/model/verbs.ts';
import { redactSecrets } from '../../lambda/redact/redact.ts';
import { planDetection } from './check-detection.ts';
import { checkInput } from './checked-yaml.ts';
import type { Detection } from './detection-schema.ts';
import { documentedDetectionId, loadDetections } from './load-detections.ts';
import { witnessSection } from './witness-section.ts';

const lineCharactersMax = 150;

/**
 * A line without its usual prefix (time, module, address) or the JSON around it; cut around the
 * wanted name if the beginning does not contain it.
 */
function essence(message: string, name = ''): string {
  const [line = '', ...others] = redactSecrets(message).split('\n');
  const event = /"event": ?"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  const bare = event === undefined ? line : event.replace(/\\(.)/g, '$1');
  const text =
    bare === 'request finished' || !bare.includes(name) ? [line, ...others].join(' ') : bare;
  const at = text.indexOf(name);
  return cut(
    at > lineCharactersMax ? `…${text.slice(at - lineCharactersMax / 2)}` : withoutHead(text),
  );
}

function withoutHead(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it removes colours.
      .replace(/\u001b\[[\d;]*m/g, '')
      .replace(/^\S+ - \S+ \[[^\]]*\] (?=")/, '')
      .replace(/^(?:(?:\d{4}-\S+Z|\[[^\]]*\]|\{+[^}]*\}+|INFO|WARNING|ERROR|-) +)+/, '')
      .replace(/ "[^"]*" "[^"]*"$/, '')
      .replace(/ +/g, ' ')
      .trim()
  );
}

function cut(text: string): string {
  return text.length > lineCharactersMax ? `${text.slice(0, lineCharactersMax)}…` : text;
}

/** A code span in a table cell. */
function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  const padding = text.includes('`') ? ' ' : '';
  return `${fence}${padding}${text.replaceAll('|', '\\|')}${padding}${fence}`;
}

/** The text of a table cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

const blindSpotsFile = fileURLToPath(new URL('../../docs/blind-spots.yaml', import.meta.url));
export const coveragePageFile = fileURLToPath(new URL('../../docs/coverage.md', import.meta.url));

/** In the order of the page. */
const headings = verbNames.map((verb) => verbs[verb].heading);
const untold = 'The line does not tell which';

/** What writes a line of each kind. */
const routes: Readonly<Record<SignalKind, string>> = {
  outcome: 'a command reports what it did',
  command: 'a task echoes a command',
  statement: 'a database hook logs what it runs',
  result: 'a statement has run, or a task failed',
  write: 'the security manager, for any caller',
  request: 'web interface or REST API, access line',
  failure: 'a command reports why it failed',
  denial: 'web interface, refused',
  block: 'a task, refused',
  partial: 'a command or the security manager, with words masked or cut off',
  'other-product': "a task echoes another product's command",
  notice: 'anything that writes it',
};

const blindSpotsSchema = z.array(
  z.strictObject({ change: z.string(), airflow: z.string(), trace: z.string(), watch: z.string() }),
);

interface Row {
  readonly change: string;
  readonly detection: Detection;
  readonly kind: SignalKind;
  readonly airflow: string;
  readonly logType: string;
  readonly line: string;
}

/**
 * The text of `docs/coverage.md`: which change leaves which line by which route, and which detection sees
 * it, from the detections' test lines as the monitor reads them; then what no log shows.
 */
export function coveragePage(detections: readonly Detection[] = loadDetections()): string {
  const rows = detections.filter(({ id }) => id !== documentedDetectionId).flatMap(rowsOf);
  const titles = [...new Set([...headings, ...rows.map(({ change }) => change)])];
  const sections = titles.flatMap((title) => {
    const ofChange = rows.filter(({ change }) => change === title);
    return ofChange.length === 0 ? [] : [section(title, ofChange)];
  });
  return `${[head(detections), ...sections, blindSpots(), witnessSection()].join('\n\n')}\n`;
}

/** One row for each signal in a test line. */
function rowsOf(detection: Detection): Row[] {
  const plan = new Map([[detection.id, planDetection(detection)]]);
  return detection.tests.matches.flatMap(({ logType, airflow, message }) => {
    const event = { logGroup: logType, logStream: '', timestamp: 0, message };
    return readSignals({ ...event, detections: [detection.id] }, plan).map(
      ({ kind, verb, target, role, object }): Row => ({
        change: verb === undefined ? untold : verbs[verb].heading,
        ...{ detection, kind, airflow, logType, line: essence(message, target ?? role ?? object) },
      }),
    );
  });
}

function head(detections: readonly Detection[]): string {
  return `<!-- Written by \`npm run docs:coverage\` from queries/*.yaml and docs/blind-spots.yaml: edit those. -->

# What the monitor sees, and what it cannot see

## The documented query

The query that AWS documents looks for the text \`add-role\`: the echo of a command, not its success.
Measured on the recorded sessions (\`npm run bench:coverage\`):

| Airflow | events | with \`add-role\` | of these, lines of a change | privilege changes made | touched by the query |
|---|---|---|---|---|---|
| 2.10.3 | 12,827 | 558 | 7 | 65 | 6 |
| 3.0.6 | 9,670 | 243 | 7 | 53 | 6 |

It does not see: the CLI's own success line (\`User "bob" added to role "Admin"\`), users that are created
or imported, roles and permissions that are edited, changes by the web interface or the REST API, SQL on
the metadata database, changes by code inside Airflow, a command that is hidden in a script file.
It also counts much that is no change: DAGs, tasks and files named add-role, help texts,
\`aws iam add-role-to-instance-profile\`.

## The pack

The pack of detections, on the same sessions:

| Airflow | privilege changes made | seen by the pack | findings a change | alerts on benign lines |
|---|---|---|---|---|
| 2.10.3 | 65 | 65 | 1.23 | 0 |
| 3.0.6 | 53 | 53 | 1.15 | 0 |

Nothing in these logs shows who may become Admin at login: on MWAA that is decided by IAM
(\`airflow:CreateWebLoginToken\`). Watch CloudTrail for it.

The tables below show every privilege change that leaves a line in one of the five log groups, by its
route: the line, the versions of Airflow that the detection's test lines come from, and the detection that
sees it. The lines of one change become one finding; an \`info\` line alone becomes none. Secrets in the
lines are hidden as in findings; \`…\` marks where a line was cut. All ${detections.length} detections are
files in [queries](../queries). One of them, \`add-role\`, is the documented query: it is counted and makes
no finding.`;
}

function section(title: string, rows: readonly Row[]): string {
  const byRoute = Map.groupBy(rows, ({ detection, kind }) => `${detection.id} ${kind}`);
  const lines = [...byRoute.values()].flatMap((ofRoute) => {
    const [first] = ofRoute;
    return first === undefined ? [] : [routeLine(first, ofRoute)];
  });
  return [
    `## ${title}`,
    '',
    '| route | the line | log types | Airflow | detection | severity |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function routeLine({ detection, kind }: Row, rows: readonly Row[]): string {
  const examples = [...Map.groupBy(rows, ({ airflow }) => airflow.split('.')[0]).values()].flatMap(
    ([example]) => (example === undefined ? [] : [example.line]),
  );
  const versions = [...new Set(rows.map(({ airflow }) => airflow))].sort(byVersion);
  const types = detection.logTypes.length === logTypes.length ? ['all'] : detection.logTypes;
  const cells = [
    routes[kind],
    [...new Set(examples)].map(code).join('<br>'),
    types.join(', '),
    versions.join(', '),
    `[${detection.id}](../queries/${detection.id}.yaml)`,
    severityOf(detection),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The file's severity, and the range that `raise` can make of it: `high (info to critical)`. */
function severityOf({ severity, raise }: Detection): string {
  const all = [severity, ...raise.map((rule) => rule.severity)];
  const ranks = all.map((one) => severities.indexOf(one));
  const [mildest, worst] = [severities[Math.min(...ranks)], severities[Math.max(...ranks)]];
  if (mildest === worst) return severity;
  return mildest === severity ? `${mildest} to ${worst}` : `${severity} (${mildest} to ${worst})`;
}

function blindSpots(): string {
  const rows = checkInput(
    blindSpotsSchema,
    parse(readFileSync(blindSpotsFile, 'utf8')),
    (path) => `docs/blind-spots.yaml: ${path.join('.')}`,
  );
  return [
    '## What no log shows',
    '',
    'No detection can see what is not written. Watch something else as well for these changes.',
    '',
    '| change | Airflow | what is in the logs | what to watch |',
    '|---|---|---|---|',
    ...rows.map(
      ({ change, airflow, trace, watch }) =>
        `| ${[change, airflow, trace, watch].map(cell).join(' | ')} |`,
    ),
    '',
    "Airflow's audit log is a table of its metadata database and is in no log group: Browse → Audit Logs, or",
    '`GET /eventLogs` of the REST API. It has a row for each command of the Airflow CLI, written when the command',
    'starts, whatever its result. It has none for users and roles that are changed in the web interface, by the',
    'REST API, by SQL or by Python code.',
  ].join('\n');
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

if (import.meta.main) writeFileSync(coveragePageFile, coveragePage());
