import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alarmName } from '../../infra/naming/names.ts';
import { ownDetections } from '../../lambda/findings/own-finding.ts';
import { uploadsRunbook } from '../../lambda/messages/first-steps.ts';
import {
  type AlarmKey,
  alarmDefinitions,
  isPerLogGroup,
} from '../../lambda/metrics/metric-definitions.ts';
import { witnessDetections, witnessRunbook } from '../../lambda/testimony/witness-finding.ts';
import { documentedDetectionId, loadDetections } from '../../queries/tools/load-detections.ts';
import { templateOf, withWitness } from '../infra/synthesized.ts';
import { resourcesOf, type TemplateJson } from '../infra/template-walk.ts';

const root = join(import.meta.dirname, '../..');
const detections = loadDetections().filter(({ id }) => id !== documentedDetectionId);
const pages = readdirSync(join(root, 'docs/runbooks'));
const template = templateOf(withWitness).toJSON() as TemplateJson & { readonly Outputs: object };
const outputs = Object.keys(template.Outputs);
const ofWitness = witnessDetections.map((id) => ({ id, runbook: witnessRunbook }));
const byRunbook = Map.groupBy([...detections, ...ofWitness], ({ runbook }) => runbook);

describe.each([...byRunbook])('%s', (runbook, ofRunbook) => {
  const text = readFileSync(join(root, runbook), 'utf8');

  test('names every detection whose findings lead to it', () => {
    for (const { id } of ofRunbook) expect(text).toContain(`\`${id}\``);
  });

  test.each(['## Check', '## Take it back', '## When it is harmless'])(
    'has the section %s',
    (head) => {
      expect(text).toContain(`\n${head}\n`);
    },
  );

  test('names the sources beside the log: Airflow’s audit log, and commands to copy', () => {
    expect(text).toMatch(/Audit Logs|audit log/);
    expect(text).toMatch(/^(?: {3})?```sh$/m);
  });
});

/** Alarms about what the logs show: their pages are written like those of detections. */
const aboutChanges = ['privilege-change', 'add-role'];

/** By runbook, the alarms and the findings about the monitor itself that lead to it. */
const byOwnRunbook = Map.groupBy(
  [
    ...Object.entries(alarmDefinitions).map(([key, { metric, runbook }]) => {
      const name = alarmName('', key as AlarmKey).slice(1);
      return { runbook, subject: isPerLogGroup(metric) ? `${name}-<LogType>` : name };
    }),
    ...ownDetections.map((detection) => ({ runbook: detection, subject: detection })),
  ].filter(({ runbook }) => !aboutChanges.includes(runbook)),
  ({ runbook }) => runbook,
);

describe.each([...byOwnRunbook])('docs/runbooks/%s.md', (runbook, all) => {
  const text = readFileSync(join(root, `docs/runbooks/${runbook}.md`), 'utf8');

  test('names at its top the alarm or the finding that leads to it', () => {
    const [beginning = ''] = text.split('\n## ');
    for (const { subject } of all) {
      const named = [`-${subject}\``, `\`${subject}\``].filter((name) => beginning.includes(name));
      expect([subject, named]).toEqual([subject, [expect.any(String)]]);
    }
  });

  test('says what to do with commands to copy, when it is over, and when it is harmless', () => {
    expect(text).toMatch(/\n## (What to do|Find the cause|Check, from the schedule inwards)\n/);
    expect(text).toMatch(/^```sh$/m);
    expect(text).toContain('\n## How to see that it is over\n');
    expect(text).toContain('\n## When it is harmless\n');
  });
});

test('every alarm, every rule on changes, every detection and every finding about the monitor has a page, and every page is used', () => {
  const ofAlarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(
    ([, { Properties }]) => /Runbook: (\S+)$/.exec(String(Properties.AlarmDescription))?.[1],
  );
  const ofOwnFindings = ownDetections.map((detection) => `docs/runbooks/${detection}.md`);
  const ofRules = resourcesOf(template, 'AWS::Events::Rule').flatMap(
    ([, rule]) => JSON.stringify(rule).match(/docs\/runbooks\/[a-z-]+\.md/g) ?? [],
  );
  const ofMails = [...ofOwnFindings, ...byRunbook.keys(), uploadsRunbook];
  const used = new Set([...ofAlarms, ...ofRules, ...ofMails]);
  expect(pages.map((page) => `docs/runbooks/${page}`).toSorted()).toEqual([...used].toSorted());
});

test.each(pages)('%s links to runbooks that exist', (file) => {
  const text = readFileSync(join(root, 'docs/runbooks', file), 'utf8');
  for (const [, linked = ''] of text.matchAll(/\]\(([\w-]+\.md)\)/g))
    expect(pages).toContain(linked);
});

test.each(pages)('%s uses outputs that the stack has', (file) => {
  const text = readFileSync(join(root, 'docs/runbooks', file), 'utf8');
  for (const [, output = ''] of text.matchAll(/\$\(out (\w+)\)/g))
    expect(outputs).toContain(output);
});

/** The event names that the scanner logs. */
const logged = readdirSync(join(root, 'lambda'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => [
    ...readFileSync(join(root, 'lambda', file), 'utf8').matchAll(/log\(\s*[^,()]+,\s*'([a-z-]+)'/g),
  ])
  .map(([, event]) => event);
const subjects = new Set([...byOwnRunbook.values()].flat().map(({ subject }) => subject));

test.each(pages)('%s searches for events that the scanner logs', (file) => {
  const text = readFileSync(join(root, 'docs/runbooks', file), 'utf8');
  const sought = [...text.matchAll(/\bgrep (.+)$/gm)].map(([, pattern = '']) => pattern);
  const commands = sought.filter((pattern) => /^[a-z-]+$/.test(pattern));
  for (const pattern of sought.filter((one) => !commands.includes(one))) {
    expect(pattern).toMatch(/^(?:-E )?'"level":"(?:error|\((?:warn\|error|error\|warn)\))"'$/);
  }
  const causes = [...text.matchAll(/^\| `([a-z]+(?:-[a-z]+)+)`(?:, `([a-z]+(?:-[a-z]+)+)`)? \|/gm)]
    .flatMap(([, ...events]) => events)
    .filter((event) => event !== undefined && !subjects.has(event));
  const looked = [...commands, ...causes].filter((event) => event !== undefined);
  for (const event of looked) {
    expect([event, ...logged.filter((name) => name?.includes(event)).slice(0, 1)]).toHaveLength(2);
  }
});

test.each(pages)('%s sets each variable of its commands before it uses it', (file) => {
  const text = readFileSync(join(root, 'docs/runbooks', file), 'utf8');
  const commands = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block]) => block);
  const set = new Set<string>();
  for (const line of commands.join('').split('\n')) {
    for (const [, name = ''] of line.matchAll(/\$([A-Z]+)\b/g)) expect([...set]).toContain(name);
    const [, assigned] = /^ *(?:for )?([A-Z]+)(?:=| in )/.exec(line) ?? [];
    if (assigned !== undefined) set.add(assigned);
  }
});

describe('the tick by hand of monitor-silent.md', () => {
  const text = readFileSync(join(root, 'docs/runbooks/monitor-silent.md'), 'utf8');
  const lines = text.split('\n').filter((line) => /^(?:EVERY|MINUTE|TICK)=/.test(line));

  /** The time that its commands give the tick, at a time of the clock. */
  function tickAt(now: string, everyMinutes: number): string {
    const clock = `date() { case "$1" in +%s) echo ${Date.parse(now) / 1000} ;; *) echo ${now.slice(0, 10)} ;; esac; }`;
    const commands = lines.join('\n').replace(/^EVERY=\d+/, `EVERY=${everyMinutes}`);
    const script = `${clock}\n${commands}\necho "$TICK"`;
    return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim();
  }

  test.each([
    ['2026-03-01T09:07:59Z', 5, '2026-03-01T09:05:00Z'],
    ['2026-03-01T09:05:00Z', 5, '2026-03-01T09:05:00Z'],
    ['2026-03-01T08:59:00Z', 60, '2026-03-01T08:00:00Z'],
    ['2026-03-01T23:59:00Z', 720, '2026-03-01T12:00:00Z'],
    ['2026-03-01T23:59:00Z', 1440, '2026-03-01T00:00:00Z'],
  ])('is one of the schedule: at %s, every %i minutes', (now, everyMinutes, expected) => {
    expect(lines).toHaveLength(3);
    expect(tickAt(now, everyMinutes)).toBe(expected);
  });
});
