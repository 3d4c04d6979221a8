import * as z from 'zod';
import type { EventLog } from '../../../lambda/witness/audit-row.ts';

export interface FakeUser {
  readonly username: string;
  readonly roles: readonly string[];
  readonly email?: string;
  readonly active?: boolean;
  readonly created_on?: string;
  readonly last_login?: string;
}

const requestSchema = z.strictObject({
  Path: z.string(),
  Method: z.literal('GET'),
  QueryParameters: z.strictObject({
    limit: z.number(),
    offset: z.number(),
    order_by: z.literal('event_log_id').optional(),
  }),
});

type Request = z.infer<typeof requestSchema>;

/** An error that MWAA answers with, in place of a page. */
export interface FakeError {
  readonly status: number;
  readonly type: string;
  readonly body?: object;
}

export const forbidden: FakeError = {
  status: 400,
  type: 'RestApiClientException',
  body: { RestApiStatusCode: 403, RestApiResponse: { title: 'Forbidden' } },
};

export const throttled: FakeError = { status: 429, type: 'ThrottlingException' };

/** Exactly what the witness needs, and the home page that Airflow adds. */
export const auditorHolds = [
  'can_read on Audit Logs',
  'can_read on Roles',
  'can_read on Users',
  'can_read on Website',
];

/** Users, roles and an audit log behind `InvokeRestApi`, which answers as Airflow 2 was recorded. */
export class FakeAirflow {
  users: FakeUser[] = [{ username: 'admin', roles: ['Admin'] }];
  roles: Record<string, readonly string[]> = {
    Admin: ['can_edit on Users'],
    Op: ['can_edit on Variables'],
    PrivilegeAuditor: auditorHolds,
    Public: [],
    User: ['can_edit on DAGs'],
    Viewer: ['can_read on DAGs'],
  };
  rows: EventLog[] = [];
  /** Called before each answer: changes what is there, or gives an error instead. */
  beforeAnswer: (request: Request) => FakeError | undefined = () => undefined;
  readonly requests: Request[] = [];

  /** Adds a row, as Airflow's wrapper of commands does. */
  log(id: number, when: string, argv: readonly string[], event = 'cli_users_manage_role'): void {
    const list = `[${['/usr/local/bin/airflow', ...argv].map((word) => `'${word}'`).join(', ')}]`;
    const extra = JSON.stringify({ host_name: 'worker-1', full_command: list });
    this.rows.push({ event_log_id: id, event, when, owner: 'airflow', extra });
  }

  readonly fetch = async (_url: string | URL | globalThis.Request, init?: RequestInit) => {
    const request = requestSchema.parse(JSON.parse(String(init?.body)));
    this.requests.push(request);
    const error = this.beforeAnswer(request);
    if (error !== undefined) {
      return new Response(JSON.stringify(error.body ?? {}), {
        status: error.status,
        headers: { 'x-amzn-errortype': error.type },
      });
    }
    const answer = { RestApiStatusCode: 200, RestApiResponse: this.#answer(request) };
    return new Response(JSON.stringify(answer), { status: 200 });
  };

  #answer({ Path: path, QueryParameters: { limit, offset } }: Request): object {
    const page = <T>(items: readonly T[]) => items.slice(offset, offset + Math.min(limit, 100));
    switch (path) {
      case '/users':
        return { total_entries: this.users.length, users: page(this.users).map(asUser) };
      case '/roles': {
        const names = Object.keys(this.roles).sort();
        const roles = page(names).map((name) => ({
          name,
          actions: (this.roles[name] ?? []).map(asAction),
        }));
        return { total_entries: names.length, roles };
      }
      case '/eventLogs': {
        const rows = this.rows.toSorted((a, b) => a.event_log_id - b.event_log_id);
        return { total_entries: rows.length, event_logs: page(rows) };
      }
      default:
        throw new Error(`no answer for ${path}`);
    }
  }
}

function asUser({ username, roles, email, active = true, created_on, last_login }: FakeUser) {
  return {
    ...{ username, active, first_name: username, last_name: 'X' },
    email: email ?? `${username}@example.com`,
    roles: roles.map((name) => ({ name })),
    created_on: created_on ?? '2026-01-01T00:00:00.000000',
    last_login: last_login ?? null,
  };
}

function asAction(permission: string) {
  const [action = '', resource = ''] = permission.split(' on ');
  return { action: { name: action }, resource: { name: resource } };
}
