import { type Check, type Facts, withEnvironment } from '../../facts/facts.ts';
import {
  type DeployedWitness,
  deployedWitness,
  deployMonitor,
  restoreMonitor,
} from '../../facts/monitor-parts.ts';
import { judgePolicies, policiesWith, roleMay, takeFromRole } from '../../facts/role-facts.ts';
import {
  fail,
  type Judgement,
  notice,
  pass,
  toDo,
  unanswered,
  undecided,
  unknown,
  warn,
} from '../../shapes/judgement.ts';

const noWitness = 'the monitor has no second witness';

/** Judges the second witness, if the monitor has one. */
function withWitness(
  facts: Facts,
  look: (witness: DeployedWitness) => readonly Judgement[],
): readonly Judgement[] | string {
  const witness = deployedWitness(facts.observed);
  if (witness.kind !== 'known') return [unknown(witness)];
  return witness.value === undefined ? noWitness : look(witness.value);
}

export const witnessReach: Check = {
  id: 'witness-reach',
  area: 'monitor',
  title: 'The second witness can reach the web server, and expects its version',
  meaning:
    'A private web server answers calls from its VPC only, and what the REST API has depends on the version of Airflow. A witness that cannot read sees nothing that the logs do not show.',
  look: withEnvironment(({ WebserverAccessMode: mode, AirflowVersion: version }, facts) =>
    withWitness(facts, (witness) => [
      mode === undefined
        ? unanswered('airflow:GetEnvironment', 'WebserverAccessMode')
        : judgeAccess(facts, mode, witness),
      version === undefined
        ? unanswered('airflow:GetEnvironment', 'AirflowVersion')
        : judgeVersion(facts, version, witness),
    ]),
  ),
};

function judgeAccess(facts: Facts, mode: string, { vpcId }: DeployedWitness): Judgement {
  const isPrivate = mode === 'PRIVATE_ONLY';
  if (isPrivate && vpcId === undefined) {
    return fail(
      'the web server is private, and the witness is in no VPC',
      deployMonitor(
        facts,
        'Name the VPC in the section witness (docs/witness.md), give it the endpoints that the synthesis prints, and deploy',
      ),
    );
  }
  if (isPrivate) {
    return notice(
      `the witness calls the private web server from ${vpcId}: whether the VPC has its endpoints, and lets it connect, only its reads show`,
    );
  }
  if (vpcId === undefined) return pass('the web server is public, and the witness needs no VPC');
  return warn(
    `the web server is public, and the witness may call it from ${vpcId} only`,
    deployMonitor(facts, 'Leave vpc out of the section witness, and deploy'),
  );
}

function judgeVersion(
  facts: Facts,
  version: string,
  { airflowVersion, snapshot }: DeployedWitness,
): Judgement {
  if (version === airflowVersion) return pass(`the witness expects Airflow ${version}`);
  const fix = deployMonitor(
    facts,
    `Set airflowVersion: '${version}' in the section witness, and deploy`,
  );
  const isOlder = Number.parseInt(airflowVersion, 10) < Number.parseInt(version, 10);
  return snapshot && isOlder
    ? fail(
        `the environment runs Airflow ${version}, where users and roles cannot be read; the witness expects ${airflowVersion}`,
        fix,
      )
    : warn(`the environment runs Airflow ${version}; the witness expects ${airflowVersion}`, fix);
}

/** The Airflow roles that IAM can give. */
const airflowRoles = ['Admin', 'Op', 'User', 'Viewer'];

export const witnessRights: Check = {
  id: 'witness-rights',
  area: 'monitor',
  title: 'The function of the second witness may call Airflow as Public, and as nobody else',
  meaning:
    'Whoever may act as the function has its rights. The right to call as Admin would make the monitor itself a way to Admin.',
  look: withEnvironment((_, facts) => withWitness(facts, (witness) => judgeRights(facts, witness))),
};

function judgeRights(facts: Facts, { roleName, vpcId }: DeployedWitness): readonly Judgement[] {
  const { observed, partition, account } = facts;
  const { mwaaEnvironment, region, monitor } = observed;
  if (monitor.witnessRole === undefined)
    return [unanswered('iam:GetRole', `answer for ${roleName}`)];
  const arn = `arn:${partition}:iam::${account}:role/${roleName}`;
  const title = `the role ${roleName}`;
  return judgePolicies(monitor.witnessRole, { arn, title }, (role) => {
    const may = (action: string, airflowRole: string) => ({
      ...{ action, airflowRole },
      ...roleMay(
        role,
        action,
        `arn:${partition}:airflow:${region}:${account}:role/${mwaaEnvironment}/${airflowRole}`,
        { 'aws:SourceVpc': vpcId },
      ),
    });
    const others = airflowRoles.flatMap((airflowRole) =>
      ['airflow:InvokeRestApi', 'airflow:CreateWebLoginToken'].map((action) =>
        may(action, airflowRole),
      ),
    );
    const tooMuch = others.filter(({ outcome }) => outcome === 'allowed');
    const doubtful = others.filter(({ outcome }) => outcome === 'unknown');
    const listed = (some: typeof others) =>
      some.map(({ action, airflowRole }) => `${action} as ${airflowRole}`).join(', ');
    const statements = (some: typeof others) => some.flatMap((one) => one.statements);
    const own = may('airflow:InvokeRestApi', 'Public');
    return [
      ...(tooMuch.length > 0
        ? [
            fail(
              `${title} may use ${listed(tooMuch)}, by ${policiesWith(role, { outcome: 'allowed', statements: statements(tooMuch) }).join(', ')}`,
              takeFromRole(facts, role, { outcome: 'allowed', statements: statements(tooMuch) }),
              restoreMonitor(
                facts,
                'Then put the role back as the monitor’s template describes it',
              ),
            ),
          ]
        : []),
      ...(doubtful.length > 0
        ? [
            undecided(
              `whether ${title} may use ${listed(doubtful)} depends on conditions that the doctor cannot judge`,
              toDo('Compare its policies with the monitor’s template.'),
            ),
          ]
        : []),
      own.outcome === 'allowed'
        ? pass(`${title} may call Airflow as Public`)
        : fail(
            `${title} may not call Airflow as Public`,
            restoreMonitor(facts, 'Put the role back as the monitor’s template describes it'),
          ),
    ];
  });
}
