import { namesFor } from '../../infra/names.ts';
import { logGroupName, logTypes } from '../../lambda/log-types.ts';
import type { Check } from '../check.ts';
import type { Facts } from '../facts.ts';
import { judgeForbidden } from '../forbidden.ts';
import { type Judgement, notice, pass, warn } from '../judgement.ts';
import { logGroupArn } from '../key-facts.ts';
import { type ExecutionRole, judgeRole, roleMay } from '../role-facts.ts';

const action = 'logs:PutLogEvents';

/** Stands for every environment but this one. */
const anotherEnvironment = 'another--environment';

/**
 * MWAA needs the right to write into the five groups, so an environment with it is healthy: a warning
 * that nobody can act on would only teach people to ignore warnings. What it means is a notice.
 */
export const roleLogForging: Check = {
  id: 'role-log-forging',
  area: 'execution role',
  title: 'The execution role may write log events into its own environment’s groups only',
  meaning:
    'A DAG runs with this role. Where it can write log events, its author can forge any line, in the name of every component.',
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
    ? pass('the execution role may write into none of the five log groups')
    : notice(
        `The execution role may write into every stream of ${writable.join(', ')}, which MWAA needs: whoever writes a DAG can forge any line there, also one of the web server, so a log line alone proves neither a change nor its failure.`,
      );
}

function anyStream(facts: Facts, logGroup: string): string {
  return `${logGroupArn(facts, logGroup)}:log-stream:any`;
}
