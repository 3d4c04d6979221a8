import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readEnvironmentFile } from '../../../infra/config/environment-config.ts';
import { monitorConfig } from '../../../infra/config/monitor-config.ts';

const work = mkdtempSync(join(tmpdir(), 'witness-config-'));
afterAll(() => rmSync(work, { recursive: true }));

function read(witness: object | undefined, others: object = {}) {
  const path = join(work, 'prod.yaml');
  writeFileSync(path, stringify({ mwaaEnvironment: 'prod', ...others, witness }));
  return readEnvironmentFile(path, 'prod.yaml').config.witness;
}

const onTwo = { airflowVersion: '2.10.3' };
const vpc = {
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'],
  securityGroupIds: ['sg-0a1b2c3d'],
};

test('without the section there is no witness', () => {
  expect(read(undefined)).toBeUndefined();
});

test('the section alone reads the audit log every quarter of an hour', () => {
  expect(read(onTwo)).toEqual({
    ...{ auditLog: true, snapshot: false, everyMinutes: 15 },
    ...{ airflowVersion: '2.10.3', airflowRole: 'Public' },
  });
});

test('the version is that of the section airflow, if the file has one', () => {
  const airflow = { airflowVersion: '2.10.3' };
  expect(read({ snapshot: true }, { airflow })).toMatchObject({ airflowVersion: '2.10.3' });
});

test.each([
  [{ ...onTwo, snapshot: true, auditLog: false }],
  [{ airflowVersion: '3.0.6' }],
  [{ airflowVersion: '2.4.3' }],
  [{ ...onTwo, everyMinutes: 60 }],
  [{ ...onTwo, vpc }],
])('accepted: %j', (witness) => {
  expect(read(witness)).toMatchObject(witness);
});

test.each<[object, string, object?]>([
  [
    { airflowVersion: '3.0.6', snapshot: true },
    "prod.yaml:4: witness.snapshot: must be false on Airflow 3.0.6: from Airflow 3 on, users and roles lie outside of what MWAA's InvokeRestApi reaches; auditLog works, got true",
  ],
  [
    { snapshot: true },
    'witness.snapshot: must be false on Airflow 3.0.6',
    { airflow: { airflowVersion: '3.0.6' } },
  ],
  [
    { ...onTwo, airflowRole: 'Admin' },
    'prod.yaml:4: witness.airflowRole: must be Public: the right to call as another role is the right to be it, so the monitor itself would be a way to that role. Give the Airflow role PrivilegeAuditor inside of Airflow instead (docs/witness.md), got "Admin"',
  ],
  [{ ...onTwo, airflowRole: 'Op' }, 'witness.airflowRole: must be Public'],
  [{ ...onTwo, airflowRole: 'PrivilegeAuditor' }, 'witness.airflowRole: must be Public'],
  [{}, 'prod.yaml:2: witness.airflowVersion: is required'],
  [{ airflowVersion: 2.1 }, 'witness.airflowVersion: must be a version in quotes'],
  [{ airflowVersion: '2.10' }, 'witness.airflowVersion: must be a version like 2.10.3, got "2.10"'],
  [
    { airflowVersion: '2.2.2' },
    'witness.airflowVersion: must be at least 2.4.3: MWAA passes no calls on to an older Airflow, got "2.2.2"',
  ],
  [
    onTwo,
    'witness.airflowVersion: must be airflow.airflowVersion (3.0.6), got "2.10.3"',
    { airflow: { airflowVersion: '3.0.6' } },
  ],
  [{ ...onTwo, auditLog: false }, 'witness.auditLog: must not be false beside snapshot: false'],
  [{ ...onTwo, everyMinutes: 4 }, 'witness.everyMinutes: must be at least 5, got 4'],
  [{ ...onTwo, everyMinutes: 7 }, 'witness.everyMinutes: must divide the hour'],
  [{ ...onTwo, vpc: { ...vpc, subnetIds: [] } }, 'witness.vpc.subnetIds: must name a subnet'],
  [
    { ...onTwo, vpc: { ...vpc, securityGroupIds: ['vpc-0a1b2c3d'] } },
    'witness.vpc.securityGroupIds[0]: must be the id of a security group, sg-…, got "vpc-0a1b2c3d"',
  ],
  [{ ...onTwo, vpc: { vpcId: 'vpc-0a1b2c3d' } }, 'witness.vpc.subnetIds'],
  [{ ...onTwo, snapshots: true }, 'witness.snapshots: unknown field'],
])('refused: %j', (witness, error, others = {}) => {
  expect(() => read(witness, others)).toThrow(error);
});

test('a construct is refused in the same words', () => {
  const props = { environmentName: 'prod', witness: { ...onTwo, airflowRole: 'Admin' } };
  expect(() => monitorConfig(props, 'MwaaPrivilegeMonitor App/Prod', {})).toThrow(
    'MwaaPrivilegeMonitor App/Prod: witness.airflowRole: must be Public: ',
  );
});

test('the section in docs/environments/full.yaml is accepted as it stands there', () => {
  const page = readFileSync(
    new URL('../../../docs/environments/full.yaml', import.meta.url),
    'utf8',
  );
  const [, section = ''] = /^(# witness:\n(?:# .*\n)+)/m.exec(page) ?? [];
  const { witness } = parse(section.replace(/^# /gm, ''));
  expect(read(witness)).toEqual({ ...witness, auditLog: true });
  expect(witness).toMatchObject({ snapshot: true, everyMinutes: 15, vpc: {} });
});
