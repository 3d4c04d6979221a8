import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import type { Stage } from '../stage.ts';
import { deploy, destroy, email } from './deploy.ts';
import { deployedMonitor, type Monitor } from './monitor.ts';
import { doctorReport } from './operator.ts';
import { updatedAssembly } from './update.ts';

const secondName = 'second-airflow';
export const secondStack = `MonitorStack-${secondName}`;
const hardenedName = 'hardened-airflow';
const hardenedKey = `AirflowKey-${hardenedName}`;
const hardenedStacks = [`AirflowEnvironment-${hardenedName}`, `MonitorStack-${hardenedName}`];

/** Environment files of the stacks below, by their paths in the product. */
export const moreEnvironments: Readonly<Record<string, string>> = {
  [`environments/${secondName}.yaml`]: `mwaaEnvironment: ${secondName}
notify:
  email: [${email}]
`,
  [`environments/${hardenedName}.yaml`]: `mwaaEnvironment: ${hardenedName}
airflow:
  airflowVersion: 3.0.6
notify:
  email: [${email}]
`,
};

/** Two monitors in one account must not share a name. */
export async function deploySecond(stage: Stage, first: Monitor): Promise<void> {
  const { checks, clients } = stage;
  checks.step('second environment', 'two monitors exist side by side');
  const before = await alarmNames(stage);
  await deploy(stage, updatedAssembly, [secondStack]);
  const second = await deployedMonitor(clients, secondStack);
  const alarms = (await alarmNames(stage)).filter((name) => !before.includes(name));
  checks.check(
    'the second monitor has as many alarms as the first, with names of its own',
    alarms.length === before.length && alarms.every((name) => name.includes(secondName)),
    alarms,
  );
  const shared = Object.entries(second.outputs).filter(
    ([key, value]) => first.outputs[key] === value,
  );
  checks.none('no output of its stack is that of the first', shared);
}

async function alarmNames({ clients: { cloudWatch } }: Stage): Promise<string[]> {
  const names: string[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: cloudWatch }, {})) {
    names.push(...MetricAlarms.map(({ AlarmName }) => String(AlarmName)));
  }
  return names;
}

/** The hardened environment with its key and its monitor. */
export async function deployHardened(stage: Stage): Promise<void> {
  const { checks } = stage;
  checks.step(
    'hardened environment',
    'its three stacks deploy, and the doctor finds it as it is meant; no Airflow runs, no traffic flows',
  );
  const stacks = [hardenedKey, ...hardenedStacks];
  const { output } = await deploy(stage, updatedAssembly, stacks);
  checks.none(
    'its three stacks deploy',
    stacks.filter((name) => !output.includes(`✅  ${name}`)),
  );
  const { checks: results } = await doctorReport(stage, hardenedName);
  checks.none(
    'every check of the doctor passes, but for what the local AWS lacks',
    results.filter(({ id, result }) => result !== 'pass' && !lackingHere.has(id)),
  );
  await destroy(stage, updatedAssembly, hardenedStacks);
}

/** Checks of the doctor that cannot pass here. */
const lackingHere = new Set([
  // MWAA makes no grants on the key, no trail exists, and no tick has run.
  ...['key-grants', 'cloudtrail-active', 'tamper-notices', 'uploads-recorded', 'monitor-heartbeat'],
  // The account of the local AWS is the one that the check takes as a stranger's.
  'role-trust',
]);
