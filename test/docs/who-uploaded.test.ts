import { execFileSync } from 'node:child_process';
import { uploadVariables } from '../../lambda/findings/aws-commands.ts';
import { faultsOf, optionsOf } from '../lambda/setup/cli-rules.ts';
import { found, textOf } from './pages.ts';

const [variables = '', ...commands] = found(
  textOf('docs/runbooks/who-uploaded.md'),
  /^```sh\n([\s\S]*?)^```$/gm,
);

/** What AWS answers, as `--query` and `--output text` leave it. */
const answers = `case "$1 $2" in
  'mwaa get-environment') echo arn:aws:s3:::the-bucket ;;
  'cloudtrail list-event-data-stores')
    echo arn:aws:cloudtrail:eu-west-1:123456789012:eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE ;;
  'cloudtrail start-query') echo 3d0b1c5e-0000-4000-8000-000000000001 ;;
  'cloudtrail describe-query') echo FINISHED ;;
  'athena start-query-execution') echo 3d0b1c5e-0000-4000-8000-000000000002 ;;
  'athena get-query-execution') echo SUCCEEDED ;;
esac`;

/** The calls of aws that the page's commands make, after a line that sets their variables. */
function callsAfter(line: string): string[][] {
  const script = `set -eu
aws() { for word; do printf '%s\\0' "$word" >&3; done; printf '\\001\\0' >&3; ${answers}; }
exec 3>&1
{ ${line}
${commands.join('\n')}
} >&2`;
  const printed = execFileSync('/bin/sh', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return printed
    .split('\u0001\0')
    .slice(0, -1)
    .map((call) => call.split('\0').slice(0, -1));
}

const place = { environment: 'prod', region: 'eu-west-1' };
const untilEpochMs = Date.UTC(2026, 10, 22, 6);

describe.each([
  ['its own line', variables, ''],
  [
    'the line of a mail',
    uploadVariables(place, { name: 'promote.py' }, untilEpochMs),
    'promote.py',
  ],
])('the commands of the page, after %s', (_, line, file) => {
  const calls = callsAfter(line);
  const textIn = (command: string, option: string) =>
    optionsOf(calls.find((call) => call.slice(0, 2).join(' ') === command) ?? []).get(option)?.[0];

  test('are calls that the AWS CLI takes', () => {
    expect(calls.map((call) => call.slice(0, 2).join(' '))).toEqual([
      ...['mwaa get-environment', 's3api list-object-versions'],
      ...['cloudtrail list-event-data-stores', 'cloudtrail start-query'],
      ...['cloudtrail describe-query', 'cloudtrail get-query-results'],
      ...['athena start-query-execution', 'athena get-query-execution', 'athena get-query-results'],
    ]);
    expect(calls.flatMap(faultsOf)).toEqual([]);
  });

  test('ask for the bucket, the file and the time, with the id of the query that was started', () => {
    for (const [command, option] of [
      ['cloudtrail start-query', '--query-statement'],
      ['athena start-query-execution', '--query-string'],
    ] as const) {
      const statement = textIn(command, option);
      expect(statement).toContain("= 'the-bucket'");
      expect(statement).toContain(`LIKE '%${file}'`);
      expect(statement).toContain("'2026-11-22 06:00:00");
      expect(statement).not.toContain('\\$');
    }
    expect(textIn('cloudtrail start-query', '--query-statement')).toContain(
      'FROM EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE WHERE',
    );
    expect(textIn('cloudtrail get-query-results', '--query-id')).toMatch(/1$/);
    expect(textIn('athena get-query-results', '--query-execution-id')).toMatch(/2$/);
  });
});

test('nothing in the commands has to be replaced by hand', () => {
  expect(commands.join('\n')).not.toMatch(/FILE\.py|QUERY_ID|=ID\b|'BUCKET'/);
});
