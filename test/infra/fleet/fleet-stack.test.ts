import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { addMonitors } from '../../../infra/add-monitors.ts';
import {
  type EnvironmentConfig,
  environmentSchema,
} from '../../../infra/config/environment-config.ts';
import { FleetStack, fleetsOf, inOtherRegions } from '../../../infra/fleet/fleet-stack.ts';
import { alarmNames, fleetNamesFor, namesFor } from '../../../infra/naming/names.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { newApp, withoutBundling } from '../synthesized.ts';
import { resourcesOf, type TemplateJson } from '../template-walk.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** The templates of an app over files, by the stacks' names, and what the synthesis says of each. */
function templatesOf(files: Readonly<Record<string, string>>, context: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.yaml`), `notify: { email: [a@example.com] }\n${text}`);
  }
  const app = newApp({ ...withoutBundling, ...context });
  addMonitors(app, folder);
  const { stacks } = app.synth();
  return new Map(
    stacks.map(({ stackName, template, messages, dependencies }) => [
      stackName,
      {
        template: template as TemplateJson,
        said: messages.map(({ entry }) => String(entry.data)),
        needs: dependencies.map(({ id }) => id),
      },
    ]),
  );
}

const alpha = 'mwaaEnvironment: alpha\n';
const beta = 'mwaaEnvironment: beta\n';
const inIreland = "account: '111122223333'\nregion: eu-west-1\n";

function savedQueries(template: TemplateJson | undefined): string[] {
  return resourcesOf(template ?? { Resources: {} }, 'AWS::Logs::QueryDefinition').map(
    ([, { Properties }]) => String(Properties.Name),
  );
}

const queriesOfOne = loadDetections().length + 1;

describe('environments of one account and Region', () => {
  const stacks = templatesOf({ alpha, beta });

  test('share one set of saved queries, however many they are', () => {
    expect([...stacks.keys()]).toEqual(['MonitorFleet', 'MonitorStack-alpha', 'MonitorStack-beta']);
    const saved = [...stacks.values()].flatMap(({ template }) => savedQueries(template));
    expect(saved).toHaveLength(queriesOfOne);
    expect(savedQueries(stacks.get('MonitorFleet')?.template)).toEqual(saved);
  });

  test('have alarms that name the shared query', () => {
    const shared = fleetNamesFor({}).savedQuery('add-role-lines', logTypes);
    expect(savedQueries(stacks.get('MonitorFleet')?.template)).toContain(shared);
    for (const name of ['alpha', 'beta']) {
      const text = JSON.stringify(stacks.get(`MonitorStack-${name}`)?.template);
      expect(text).toContain(shared);
      expect(text).not.toContain(`mwaa-privilege-monitor/${name}/`);
    }
  });

  test('bring the shared stack along when one of them is deployed', () => {
    expect(stacks.get('MonitorStack-alpha')?.needs).toContain('MonitorFleet');
    expect(stacks.get('MonitorStack-alpha')?.needs).not.toContain('MonitorStack-beta');
    expect(stacks.get('MonitorFleet')?.needs).toEqual(['MonitorFleet.assets']);
  });

  test('share saved queries whose names no earlier deployment has', () => {
    const before = ['alpha', 'beta'].flatMap((environment) =>
      loadDetections().map(({ id, logTypes: types }) =>
        namesFor(environment).savedQuery(id, types),
      ),
    );
    const now = savedQueries(stacks.get('MonitorFleet')?.template);
    expect(before.filter((name) => now.includes(name))).toEqual([]);
  });
});

test('one file alone has the shared stack too, so that a second file moves nothing', () => {
  const alone = templatesOf({ alpha });
  const together = templatesOf({ alpha, beta });
  const [before, after] = [alone, together].map(
    (stacks) => stacks.get('MonitorStack-alpha')?.template,
  );
  expect(before).toEqual(after);
});

test('an environment on the command line holds its saved queries itself', () => {
  const stacks = templatesOf({}, { mwaaEnvironment: 'alpha', email: 'a@example.com' });
  expect([...stacks.keys()]).toEqual(['MonitorStack-alpha']);
  expect(savedQueries(stacks.get('MonitorStack-alpha')?.template)).toHaveLength(queriesOfOne);
});

test('each account and Region has a shared stack of its own, named by the files', () => {
  const stacks = templatesOf({ alpha: `${alpha}${inIreland}`, beta });
  const fleets = [...stacks.keys()].filter((name) => name.startsWith('MonitorFleet'));
  expect(fleets.toSorted()).toEqual(['MonitorFleet', 'MonitorFleet-111122223333-eu-west-1']);
  const saved = fleets.flatMap((name) => savedQueries(stacks.get(name)?.template));
  expect(new Set(saved).size).toBe(2 * queriesOfOne);
});

test('two shared stacks for one place are warned of', () => {
  process.env.CDK_DEFAULT_ACCOUNT = '111122223333';
  process.env.CDK_DEFAULT_REGION = 'eu-west-1';
  // The app prints its warnings as well.
  const print = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    const stacks = templatesOf({ alpha: `${alpha}${inIreland}`, beta });
    expect(stacks.get('MonitorFleet')?.said).toContainEqual(
      expect.stringContaining('MonitorFleet-111122223333-eu-west-1 and MonitorFleet are for the'),
    );
  } finally {
    print.mockRestore();
    delete process.env.CDK_DEFAULT_ACCOUNT;
    delete process.env.CDK_DEFAULT_REGION;
  }
});

describe('the dashboard of 300 environments', () => {
  const environments = Array.from({ length: 300 }, (_, at) => `e${at}`.padEnd(40, 'x'));
  const [widgets, body] = dashboardOf(
    environments.map((mwaaEnvironment) => environmentSchema.parse({ mwaaEnvironment })),
  );

  test('shows whether each monitor is silent', () => {
    const tiles = widgets.flatMap(({ properties: { title = '', alarms = [] } }) =>
      title.startsWith('Silent') ? alarms : [],
    );
    const silent = environments.map((environment) => namesFor(environment).alarms.silent);
    expect(tiles.map((arn) => arn.split(':').at(-1))).toEqual(silent.toSorted());
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  test('stays within what CloudWatch accepts', () => {
    expect(widgets.length).toBeLessThanOrEqual(500);
    for (const { properties } of widgets) {
      expect(properties.alarms?.length ?? 0).toBeLessThanOrEqual(100);
      expect(properties.metrics?.length ?? 0).toBeLessThanOrEqual(500);
    }
    // CloudFormation takes a template of 1 MB.
    expect(Buffer.byteLength(body)).toBeLessThan(500_000);
  });

  test('shows alarms that the monitors have', () => {
    const known = new Set(environments.flatMap((environment) => alarmNames(environment)));
    const shown = widgets.flatMap(({ properties: { alarms = [] } }) => alarms);
    expect(shown.filter((arn) => !known.has(arn.split(':').at(-1) ?? ''))).toEqual([]);
  });
});

describe('the dashboard of an account with monitors in two Regions', () => {
  const at = (mwaaEnvironment: string, region: string, account = '111122223333') =>
    environmentSchema.parse({ mwaaEnvironment, region, account });
  const [widgets] = dashboardOf([
    at('alpha', 'eu-west-1'),
    at('alpha', 'us-east-1'),
    at('beta', 'us-east-1'),
    at('gamma', 'us-east-1', '444455556666'),
  ]);

  test('shows the alarms of both, and of no other account', () => {
    const silent = widgets.flatMap(({ properties: { title = '', alarms = [] } }) =>
      title === 'Silent monitors' ? alarms : [],
    );
    expect(silent.map((arn) => arn.split(':').slice(2).join(':'))).toEqual([
      `cloudwatch:eu-west-1:111122223333:alarm:${namesFor('alpha').alarms.silent}`,
      `cloudwatch:us-east-1:111122223333:alarm:${namesFor('alpha').alarms.silent}`,
      `cloudwatch:us-east-1:111122223333:alarm:${namesFor('beta').alarms.silent}`,
    ]);
  });

  test('has each graph once for each Region', () => {
    const regions = widgets
      .filter(({ properties }) => properties.title === 'Scan lag, in seconds')
      .map(({ properties: { region } }) => region);
    // X stands for the Region of the stack.
    expect(regions).toEqual(['X', 'us-east-1']);
  });
});

test('monitors of one environment name in two Regions of an account have different dashboards', () => {
  const place = (region: string, account: string) =>
    `mwaaEnvironment: prod\naccount: '${account}'\nregion: ${region}\n`;
  const stacks = templatesOf({
    eu: place('eu-west-1', '111122223333'),
    us: place('us-east-1', '111122223333'),
    other: place('eu-west-1', '444455556666'),
  });
  const dashboards = ['eu', 'us', 'other'].flatMap((name) => {
    const template = stacks.get(`MonitorStack-${name}`)?.template ?? { Resources: {} };
    return resourcesOf(template, 'AWS::CloudWatch::Dashboard').map(
      ([, { Properties }]) => Properties.DashboardName,
    );
  });
  expect(dashboards).toEqual([
    'mwaa-privilege-monitor-prod-eu-west-1',
    'mwaa-privilege-monitor-prod-us-east-1',
    'mwaa-privilege-monitor-prod',
  ]);
  const fleet = JSON.stringify(stacks.get('MonitorFleet-111122223333-eu-west-1')?.template);
  expect(fleet).toContain('#dashboards:name=mwaa-privilege-monitor-prod-us-east-1');
});

interface Widget {
  readonly properties: {
    readonly title?: string;
    readonly region?: string;
    readonly alarms?: readonly string[];
    readonly metrics?: readonly unknown[];
  };
}

function dashboardOf(configs: readonly EnvironmentConfig[]): [readonly Widget[], string] {
  const app = newApp(withoutBundling);
  const all = fleetsOf(configs);
  const [fleet] = all;
  if (fleet === undefined) throw new Error('there is no fleet');
  const elsewhere = inOtherRegions(fleet, all);
  const template = Template.fromStack(
    new FleetStack(app, { fleet, elsewhere, detections: [], dashboardName: () => 'own' }),
  );
  const [dashboard] = resourcesOf(template.toJSON() as TemplateJson, 'AWS::CloudWatch::Dashboard');
  const body = dashboard?.[1].Properties.DashboardBody as { 'Fn::Join': [string, unknown[]] };
  const parts = body['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'X'));
  return [JSON.parse(parts.join('')).widgets, JSON.stringify(body)];
}
