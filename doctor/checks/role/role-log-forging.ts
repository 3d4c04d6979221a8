import { namesFor } from '../../../infra/config/names.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import { judgeForbidden } from '../../facts/forbidden.ts';
import { logGroupArn } from '../../facts/key-facts.ts';
import { type ExecutionRole, judgeRole, roleMay } from '../../facts/role-facts.ts';
import { type Judgement, notice, pass, warn } from '../../shapes/judgement.ts';

const action = 'logs:PutLogEvents';

/** Represents every environment except this one. */
const anotherEnvironment = 'another--environment';

/**
 * MWAA needs the right to write to the five groups, so a healthy environment has it, and a warning
 * that nobody can act on would only teach people to ignore warnings. It is a notice instead.
 */
export const roleLogForging: Check = {
  id: 'role-log-forging',
  area: 'execution role',
  title: 'The execution role may write only to its own environment’s log groups',
  meaning:
    'DAGs run with this role. Where it can write log events, the author of a DAG can forge any line of any component.',
  look: (facts) =>
    judgeRole(facts, (role) => [
      ...judgeForbidden(
        facts,
        role,
        [
          logGroupName(anotherEnvironment, 'Task'),
          namesFor(facts.observed.mwaaEnvironment).scannerLogGroup,
        ].map((logGroup) => ({ actions: [action], resource: anyStream(facts, logGroup) })),
        'write log events of other environments or of the monitor',
        warn,
      ),
      ownGroups(facts, role),
    ]),
};

function ownGroups(facts: Facts, role: ExecutionRole): Judgement {
  const writable = logTypes.filter((logType) => {
    const group = logGroupName(facts.observed.mwaaEnvironment, logType);
    return roleMay(role, action, anyStream(facts, group)).outcome === 'allowed';
  });
  return writable.length === 0
    ? pass('the execution role may write to none of the five log groups')
    : notice(
        `The execution role may write to every stream of ${writable.join(', ')}, which MWAA needs: the author of a DAG can forge any line there, even one of the web server, so a log line alone proves neither a change nor its failure.`,
      );
}

function anyStream(facts: Facts, logGroup: string): string {
  return `${logGroupArn(facts, logGroup)}:log-stream:any`;
}
