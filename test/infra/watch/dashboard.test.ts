import { dashboardLinks } from '../../../infra/watch/dashboard-links.ts';
import { alarmDefinitions } from '../../../lambda/metrics/metric-definitions.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { templateOf, withWitness } from '../synthesized.ts';
import { resourcesOf, type TemplateJson } from '../template-walk.ts';

interface Widget {
  readonly properties: {
    readonly title?: string;
    readonly view?: string;
    readonly query?: string;
    readonly markdown?: string;
    readonly metrics?: readonly unknown[];
  };
}

/** The widgets of the dashboard, whose body CloudFormation joins from texts and references. */
function widgetsOf(fields: object = {}): readonly Widget[] {
  const [dashboard] = resourcesOf(
    templateOf(fields).toJSON() as TemplateJson,
    'AWS::CloudWatch::Dashboard',
  );
  const body = dashboard?.[1].Properties.DashboardBody as { 'Fn::Join': [string, unknown[]] };
  const parts = body['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'X'));
  return JSON.parse(parts.join('')).widgets;
}

function logWidget(widgets: readonly Widget[], title: string) {
  const { view, query = '' } =
    widgets.find(({ properties }) => properties.title === title)?.properties ?? {};
  return { view, query: query.replace(/^SOURCE '[^']*'\s*\|\s*/, '') };
}

const widgets = widgetsOf();

const logGroup = '/mwaa-privilege-monitor/prod';
const base = { decision: 'finding-recorded', severity: 'high', detection: 'cli-role-granted' };
const recorded = [
  { at: '10:05', ...base, isNew: true },
  { at: '10:06', ...base, isNew: false },
  {
    ...{ at: '10:07', ...base, isNew: true, severity: 'critical' },
    ...{ title: 'bob was given role Admin', runbook: 'docs/runbooks/role-granted.md' },
  },
  { at: '11:01', ...base, isNew: true, severity: 'low', detection: 'permissions-synced' },
  {
    ...{ at: '11:05', decision: 'own-finding-recorded', severity: 'medium' },
    title: 'airflow-Prod-Task is silent',
  },
  { at: '11:02', decision: 'tick-finished', detection: 'cli-role-granted' },
  { at: '11:03', ...blind('Task'), cause: 'missing' },
  { at: '11:04', ...blind('Task'), cause: 'disabled' },
  { at: '11:04', ...blind('Worker'), cause: 'query-denied' },
];

function blind(logGroup: string) {
  return { decision: 'log-group-blind', logGroup, detail: 'why' };
}

async function rowsOf(query: string): Promise<Record<string, string>[]> {
  const engine = await InsightsEngine.open();
  try {
    const timeOf = (at: string) => Date.parse(`2026-03-01T${at}:00Z`);
    await engine.load(
      recorded.map(({ at, ...line }) => {
        const message = JSON.stringify(line);
        return { logGroup, logStream: 'scanner', timestamp: timeOf(at), message };
      }),
    );
    const { rows } = await engine.run({
      queryString: query,
      logGroups: [logGroup],
      startEpochSeconds: timeOf('00:00') / 1000,
      endEpochSeconds: timeOf('23:59') / 1000,
      nowEpochMs: timeOf('23:59'),
    });
    return rows.map((row) =>
      Object.fromEntries(
        row.flatMap(({ field, value }) =>
          /^[a-zA-Z_]+$/.test(field) && value !== '0' ? [[field, value]] : [],
        ),
      ),
    );
  } finally {
    await engine.close();
  }
}

test('the dashboard draws findings over time by severity, each finding once', async () => {
  const { query, view } = logWidget(widgets, 'Findings by severity');
  expect(view).toBe('timeSeries');
  const rows = await rowsOf(query);
  expect(rows).toHaveLength(2);
  expect(rows).toContainEqual({ high: '1', critical: '1' });
  expect(rows).toContainEqual({ low: '1' });
});

test('the dashboard draws findings over time by detection, each finding once', async () => {
  const { query, view } = logWidget(widgets, 'Findings by detection');
  expect(view).toBe('timeSeries');
  const rows = await rowsOf(query);
  expect(rows).toHaveLength(2);
  expect(rows).toContainEqual({ cli_role_granted: '2' });
  expect(rows).toContainEqual({ permissions_synced: '1' });
});

test('the latest findings are a list with severity, title and runbook, the newest first, each once', async () => {
  const { query, view } = logWidget(widgets, 'Latest findings');
  expect(view).toBe('table');
  const rows = await rowsOf(query);
  expect(rows.map(({ severity, title, runbook }) => [severity, title, runbook])).toEqual([
    ['medium', 'airflow-Prod-Task is silent', undefined],
    ['low', undefined, undefined],
    ['critical', 'bob was given role Admin', 'docs/runbooks/role-granted.md'],
    ['high', undefined, undefined],
  ]);
});

test('the links lead to Airflow, the five log groups, and the runbook of each detection and alarm', () => {
  const full = widgetsOf(withWitness);
  const markdown = full.map(({ properties }) => properties.markdown ?? '').join('\n');
  expect(markdown).toContain('/mwaa/home?region=X#environments/prod/sso)');
  for (const logType of logTypes) {
    expect(markdown).toContain(
      `[${logType}](#logsV2:log-groups/log-group/airflow-prod-${logType})`,
    );
  }
  expect(markdown).toContain('(#logsV2:log-groups/log-group/$252Fmwaa-privilege-monitor$252Fprod)');
  for (const { runbook } of Object.values(alarmDefinitions)) {
    expect(markdown).toContain(`\`${runbook}.md\``);
  }
  for (const { id, runbook } of loadDetections()) {
    if (id !== 'add-role') expect(markdown).toContain(`\`${runbook.split('/').at(-1)}\``);
  }
});

test('runbooks are links where the address of their folder is known', () => {
  const markdown = dashboardLinks({
    ...{ mwaaEnvironment: 'prod', region: 'eu-west-1', scannerLogGroup: '/m/prod' },
    runbooks: ['docs/runbooks/b.md', 'a.md', 'docs/runbooks/b.md'],
    runbookBaseUrl: 'https://git.example.com/docs/runbooks/',
  });
  expect(markdown).toContain(
    '**Runbooks**: [a](https://git.example.com/docs/runbooks/a.md), [b](https://git.example.com/docs/runbooks/b.md)',
  );
});

test.each([
  [{ region: 'eu-west-1' }, 'bytes / 1000000000 * 0.0057', '0.0057 USD a GB'],
  [{}, 'bytes / 1000000000 * 0.005', '0.005 USD a GB, the price of us-east-1'],
])(
  'the cost of the scans of a day follows the price of the Region %j',
  (fields, expression, price) => {
    const cost = widgetsOf(fields).find(
      ({ properties }) => properties.title === `Cost of the scans, USD a day (${price})`,
    );
    const metrics = cost?.properties.metrics ?? [];
    expect(metrics).toContainEqual([expect.objectContaining({ expression, period: 86_400 })]);
    expect(metrics).toContainEqual(
      expect.arrayContaining([
        'DailyBytesScanned',
        expect.objectContaining({ id: 'bytes', stat: 'Maximum', period: 86_400 }),
      ]),
    );
  },
);

test('with all detections disabled, the query of the findings widget is still valid', async () => {
  const disable = loadDetections().flatMap(({ id }) => (id === 'add-role' ? [] : [id]));
  const { query } = logWidget(widgetsOf({ detections: { disable } }), 'Findings by detection');
  expect(await rowsOf(query)).toContainEqual({ findings: '2' });
});

test('the dashboard names each blind log group once, with its latest cause', async () => {
  const { query, view } = logWidget(widgets, 'Blind log groups, and why');
  expect(view).toBe('table');
  expect((await rowsOf(query)).map(({ logGroup, why }) => [logGroup, why]).sort()).toEqual([
    ['Task', 'disabled'],
    ['Worker', 'query-denied'],
  ]);
});
