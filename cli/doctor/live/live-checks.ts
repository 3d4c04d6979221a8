import { dayMs, hourMs } from '../../../lambda/common/time.ts';
import { auditorProblem } from '../../../lambda/witness/read-state.ts';
import { formOfAnswer } from './answer-form.ts';
import type { LiveAnswer } from './invoke-rest-api.ts';
import { type LiveAnswers, userOf } from './live-answers.ts';

export type LiveResult = 'confirmed' | 'refuted' | 'unknown';

/** What one live check found. */
export interface LiveCheck {
  readonly id: string;
  /** What is taken for granted. */
  readonly assumption: string;
  readonly result: LiveResult;
  /** Why, without any name of the environment's users. */
  readonly because: string;
  /** The forms of the answers that it rests on. */
  readonly forms: readonly string[];
}

type Found = Omit<LiveCheck, 'id' | 'assumption'>;

const found = (
  result: LiveResult,
  because: string,
  ...answers: readonly (LiveAnswer | string)[]
): Found => ({
  ...{ result, because },
  forms: answers.map((one) => (typeof one === 'string' ? one : formOfAnswer(one))),
});

const isAirflow3 = ({ airflowVersion }: LiveAnswers) => /^[3-9]\./.test(airflowVersion);
const isOk = ({ airflowStatus, httpStatus }: LiveAnswer) =>
  httpStatus === 200 && (airflowStatus ?? 200) < 400;
/** Airflow's own answer, whatever it says: MWAA reached the web server. */
const isAnswered = (answer: LiveAnswer) => isOk(answer) || answer.airflowStatus !== undefined;

const liveChecks: readonly {
  readonly id: string;
  readonly assumption: string;
  readonly look: (answers: LiveAnswers) => Found;
}[] = [
  {
    id: 'auditor-role',
    assumption: 'the Airflow role PrivilegeAuditor has exactly its three permissions',
    look: auditorRole,
  },
  {
    id: 'custom-role',
    assumption: 'a custom role beside Public counts for InvokeRestApi',
    look: customRole,
  },
  {
    id: 'custom-role-stays',
    assumption: 'the custom role is still there after a day of calls',
    look: customRoleStays,
  },
  {
    id: 'side-effects',
    assumption: 'a call leaves no row in the audit log',
    look: sideEffects,
  },
  {
    id: 'user-name',
    assumption: 'one Airflow user, named by the IAM role, serves all sessions of the function',
    look: userName,
  },
  {
    id: 'private-web-server',
    assumption: 'a private web server answers from its VPC only',
    look: privateWebServer,
  },
  {
    id: 'users-on-airflow-3',
    assumption: 'on Airflow 3 users and roles cannot be reached',
    look: usersOnAirflow3,
  },
  {
    id: 'lists',
    assumption: 'the audit log can be read without lists in query parameters, as the witness does',
    look: lists,
  },
  {
    id: 'errors',
    assumption: 'a refusal is a RestApiClientException with Airflow’s status inside',
    look: errors,
  },
];

/** Which assumptions about a real environment the answers confirm. */
export function judgeLive(answers: LiveAnswers): LiveCheck[] {
  return liveChecks.map(({ id, assumption, look }) => ({ id, assumption, ...look(answers) }));
}

interface ApiRole {
  readonly actions?: readonly {
    readonly action?: { readonly name?: string };
    readonly resource?: { readonly name?: string };
  }[];
}

function auditorRole(answers: LiveAnswers): Found {
  const { witness, calls } = answers;
  const { auditorRole: asked } = calls;
  const ofWitness = witness.last?.roles;
  const { RestApiResponse: role } = (asked.body ?? {}) as { RestApiResponse?: ApiRole };
  const asNow = (role?.actions ?? []).map(
    ({ action, resource }) => `${action?.name} on ${resource?.name}`,
  );
  const roles = isOk(asked) ? new Map([['PrivilegeAuditor', asNow]]) : ofWitness;
  if (roles === undefined) {
    return found(
      'unknown',
      isAirflow3(answers)
        ? 'on Airflow 3 no call shows the permissions of a role: look in Airflow, Security > List Roles'
        : 'neither these credentials nor the witness could read it',
      asked,
    );
  }
  const problem = auditorProblem(roles);
  return problem === undefined
    ? found('confirmed', 'read back: can_read on Users, Roles and Audit Logs', asked)
    : found('refuted', problem, asked);
}

/** What the last run of the function read, and why it could not. */
function readsOf({ witness: { status } }: LiveAnswers) {
  const parts = [status?.snapshot, status?.auditLog].filter((part) => part !== undefined);
  return {
    parts,
    complete: parts.filter(({ completeEpochMs }) => completeEpochMs !== undefined),
    failing: parts.filter(({ failures }) => failures > 0),
  };
}

const neverRan = 'the function has not run yet';

function customRole(answers: LiveAnswers): Found {
  const { parts, complete, failing } = readsOf(answers);
  if (parts.length === 0) return found('unknown', neverRan);
  if (complete.length > 0) {
    return found('confirmed', 'the function, which may call as Public alone, has read Airflow');
  }
  const refused = failing.some(({ cause = '' }) => cause.includes('Airflow refused'));
  return found(
    'unknown',
    refused
      ? 'Airflow refuses the function: either its user was not given PrivilegeAuditor yet, or MWAA does not count it; see in Airflow, Security > List Users, which'
      : 'the function has read nothing yet',
    ...failing.map(({ cause = '' }) => cause),
  );
}

function customRoleStays(answers: LiveAnswers): Found {
  const { complete, failing } = readsOf(answers);
  const { firstReadEpochMs: first } = answers.witness;
  const last = Math.max(...complete.map(({ completeEpochMs = 0 }) => completeEpochMs));
  if (complete.length === 0 || first === undefined) {
    return found('unknown', 'no read has been complete so far');
  }
  const refused = failing.find(({ cause = '' }) => cause.includes('Airflow refused'));
  const hours = Math.floor((last - first) / hourMs);
  if (refused !== undefined) {
    return found('refuted', `it was read for ${hours} hours, and is refused now`);
  }
  return last - first >= dayMs
    ? found('confirmed', `read for ${hours} hours, and not refused`)
    : found('unknown', `read for ${hours} hours so far: ask again a day after the first read`);
}

function sideEffects(answers: LiveAnswers): Found {
  const { witness, calls } = answers;
  const { first, last, roleName } = witness;
  const { rowsOfTheWitness: rows } = calls;
  const name = last && userOf(last, roleName);
  const logins = [first, last].map((state) =>
    name === undefined ? undefined : state?.users.get(name)?.lastLogin,
  );
  const moved =
    name === undefined || first === last
      ? 'whether last_login moves is not known'
      : `last_login of its user ${logins[0] === logins[1] ? 'stays' : 'moves'}`;
  const total = totalOf(rows);
  if (!isOk(rows) || total === undefined) {
    return found('unknown', `these credentials may not read the audit log; ${moved}`, rows);
  }
  return total === 0
    ? found('confirmed', `no row of its user; ${moved}`, rows)
    : found('refuted', `${total} rows of its user; ${moved}`, rows);
}

function userName({ witness: { last, roleName } }: LiveAnswers): Found {
  if (last === undefined) return found('unknown', 'the witness has read no users');
  const names = [...last.users.keys()].filter((name) => name.includes(roleName));
  const forms = [...new Set(names.map((name) => name.replaceAll(roleName, 'ROLE')))].map((name) =>
    name.replace(/(?<=ROLE[^A-Za-z0-9]).*/, 'SESSION'),
  );
  if (names.length === 1) return found('confirmed', 'one user', ...forms);
  return names.length === 0
    ? found('refuted', 'no user has the name of the IAM role in his')
    : found('refuted', `${names.length} users have the name of the IAM role in theirs`, ...forms);
}

function privateWebServer(answers: LiveAnswers): Found {
  const { webserverAccess, calls, witness } = answers;
  const here = calls.oneRow;
  if (webserverAccess !== 'PRIVATE_ONLY') {
    return found('unknown', `the web server is not private (${webserverAccess})`, here);
  }
  if (isAnswered(here)) {
    return found(
      'refuted',
      'it answered this machine: refuted, unless this machine is in the VPC of the web server',
      here,
    );
  }
  const { complete } = readsOf(answers);
  return complete.length > 0 && witness.vpcId !== undefined
    ? found('confirmed', 'it answers the function in the VPC, and not this machine', here)
    : found('unknown', 'it does not answer this machine, nor the function so far', here);
}

function usersOnAirflow3(answers: LiveAnswers): Found {
  const asked = answers.calls.usersBesideThePrefix;
  if (!isAirflow3(answers)) {
    return found('unknown', `the environment runs Airflow ${answers.airflowVersion}`, asked);
  }
  if (isOk(asked)) return found('refuted', 'users were answered', asked);
  return asked.airflowStatus === 404 || asked.airflowStatus === 400
    ? found('confirmed', `the path leads nowhere (${asked.airflowStatus})`, asked)
    : found('unknown', 'the answer does not tell', asked);
}

function lists({ calls }: LiveAnswers): Found {
  const { oneRow, aList, namesBetweenCommas } = calls;
  const said = (answer: LiveAnswer) =>
    isOk(answer) ? `${totalOf(answer) ?? 'no'} rows` : 'an error';
  const because = `without a filter ${said(oneRow)}; a list of two events ${said(aList)}; two names between commas ${said(namesBetweenCommas)}`;
  return found(isOk(oneRow) ? 'confirmed' : 'unknown', because, oneRow, aList, namesBetweenCommas);
}

function errors({ calls, burst }: LiveAnswers): Found {
  const bad = calls.badParameter;
  const status = bad.airflowStatus ?? 0;
  const tally = [...Map.groupBy(burst, ({ errorType, httpStatus }) => errorType ?? `${httpStatus}`)]
    .map(([what, all]) => `${all.length} × ${what}`)
    .join(', ');
  const throttled = burst.find(({ httpStatus, errorType = '' }) =>
    Boolean(httpStatus === 429 || /thrott|toomany|rate/i.test(errorType)),
  );
  const forms = [bad, ...(throttled === undefined ? [] : [throttled])];
  const atOnce = `${burst.length} calls at once: ${tally}`;
  if (bad.errorType === 'RestApiClientException' && status >= 400 && status < 500) {
    return found('confirmed', `a bad parameter is refused so; ${atOnce}`, ...forms);
  }
  return isAnswered(bad) || bad.httpStatus !== undefined
    ? found('refuted', `a bad parameter has another answer; ${atOnce}`, ...forms)
    : found('unknown', `there was no answer; ${atOnce}`, ...forms);
}

function totalOf({ body }: LiveAnswer): number | undefined {
  const { RestApiResponse: response } = (body ?? {}) as {
    RestApiResponse?: { total_entries?: unknown };
  };
  const total = response?.total_entries;
  return typeof total === 'number' ? total : undefined;
}
