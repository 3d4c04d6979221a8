import { cutText } from '../common/text.ts';
import { hourMs } from '../common/time.ts';
import type { OwnFinding } from '../findings/own-finding.ts';
import type { AuditLoss } from '../ledger/witness-items.ts';
import type { AirflowState } from '../model/airflow-state.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';
import { isPowerful } from '../model/strong-permissions.ts';
import { shownNames } from '../text/show-text.ts';

/** What the second witness makes the monitor report about itself, see `lambda/findings/own-finding.ts`. */

/** Where somebody looks further: the witness has no log group. */
function logGroupsOf(environment: string): readonly string[] {
  return logTypes.map((logType) => logGroupName(environment, logType));
}

const titleCharactersMax = 500;

/** Rows of the audit log that were read are no longer there, and not because they were the oldest. */
export function auditLossFinding(
  { sinceEpochMs, foundEpochMs, missing, ids }: AuditLoss,
  environment: string,
): OwnFinding {
  const known = ids.length === 0 ? '' : ` (among them ${shownNames(ids.map(String), 5)})`;
  return {
    detection: 'audit-rows-missing',
    identity: [sinceEpochMs],
    severity: 'high',
    title: `audit log rows are missing: at least ${missing}${known}, which were there at the reading before; airflow db clean takes only the oldest (experimental)`,
    logGroups: logGroupsOf(environment),
    startEpochMs: sinceEpochMs,
    endEpochMs: foundEpochMs,
  };
}

/** The second witness cannot see. */
export function blindFinding(
  {
    sinceEpochMs,
    cause,
    tickEpochMs,
  }: { readonly sinceEpochMs: number; readonly cause: string; readonly tickEpochMs: number },
  environment: string,
): OwnFinding {
  return {
    detection: 'witness-blind',
    identity: [sinceEpochMs, cause],
    severity: 'high',
    title: cutText(`the second witness is blind: ${cause} (experimental)`, titleCharactersMax),
    logGroups: logGroupsOf(environment),
    startEpochMs: sinceEpochMs,
    endEpochMs: tickEpochMs,
  };
}

/** More commands than are joined one by one: the rest of an hour is reported together, once. */
export function floodNotice(
  { hourEpochMs, count }: { readonly hourEpochMs: number; readonly count: number },
  environment: string,
): OwnFinding {
  return {
    detection: 'witness-blind',
    identity: ['flood', hourEpochMs],
    severity: 'high',
    title: `the second witness is blind to some commands: the audit log of one hour has at least ${count} more that change privileges than are joined one by one (experimental)`,
    logGroups: logGroupsOf(environment),
    startEpochMs: hourEpochMs,
    endEpochMs: hourEpochMs + hourMs,
  };
}

/** Users that the title of a baseline names. */
const namedMax = 20;

/** With which users and roles the second witness begins: what they have already is no change. */
export function baselineFinding(state: AirflowState, environment: string): OwnFinding {
  const { users, roles, startEpochMs, endEpochMs } = state;
  const permissionsOf = (role: string) => roles.get(role);
  const powerful = [...users.values()].filter(
    (user) => user.active && user.roles.some((role) => isPowerful(role, permissionsOf)),
  );
  const names = powerful.map(({ username, roles: held }) => `${username} (${held.join(', ')})`);
  const open = roles.get('Public')?.length ?? 0;
  return {
    detection: 'witness-baseline',
    identity: [startEpochMs],
    severity: 'low',
    title: cutText(
      `the second witness begins with ${users.size} users and ${roles.size} roles: ${powerful.length} active users have Admin, Op or a role that can change users and roles${names.length === 0 ? '' : `: ${shownNames(names, namedMax, 100)}`}; Public has ${open} permissions (experimental)`,
      2 * titleCharactersMax,
    ),
    logGroups: logGroupsOf(environment),
    startEpochMs,
    endEpochMs,
  };
}
