import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { templateOf } from '../synthesized.ts';
import { resourcesOf, type TemplateJson } from '../template-walk.ts';

interface Widget {
  readonly properties: { readonly title?: string; readonly view?: string; readonly query?: string };
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
  { at: '10:07', ...base, isNew: true, severity: 'critical' },
  { at: '11:01', ...base, isNew: true, severity: 'low', detection: 'permissions-synced' },
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
