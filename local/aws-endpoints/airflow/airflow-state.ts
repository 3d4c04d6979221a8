/** A user as Airflow's REST API answers it. Without the id and the password, which it never tells. */
export interface AirflowUser {
  readonly username: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly active: boolean;
  readonly created_on: string;
  readonly changed_on: string;
  readonly last_login: string | null;
  readonly login_count: number | null;
  readonly fail_login_count: number | null;
  readonly roles: readonly { readonly name: string }[];
}

/** A row of the audit log, with the fields that both versions of Airflow answer. */
export interface AuditRow {
  readonly event_log_id: number;
  /** An ISO time with its offset. */
  readonly when: string;
  readonly event: string;
  readonly owner: string | null;
  /** JSON as text. */
  readonly extra: string | null;
  readonly dag_id: string | null;
  readonly task_id: string | null;
}

/** What an Airflow knows at one moment. */
export interface AirflowState {
  /** In the order of their ids. */
  readonly users: readonly AirflowUser[];
  /** The permissions of each role: `can_read on DAGs`. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** In the order of their ids. */
  readonly auditLog: readonly AuditRow[];
}

/** An Airflow behind MWAA's InvokeRestApi. */
export interface LocalAirflow {
  /** `2.10.3`; what its REST API has and how it answers depends on the major version. */
  readonly version: string;
  /** The Airflow user as whom MWAA calls the web server: its roles decide what is answered. */
  readonly caller: string;
  readonly stateAt: (epochMs: number) => AirflowState;
  /**
   * What answers in place of a state: a real Airflow, behind these endpoints.
   *
   * @default - the state answers
   */
  readonly ask?: (request: RestRequest) => Promise<RestAnswer>;
  /** What GetEnvironment says of its web server. @default - nothing */
  readonly webserverAccess?: 'PRIVATE_ONLY' | 'PUBLIC_ONLY';
  /**
   * An answer in place of Airflow's, for faults: MWAA's own error, or what the web server answers.
   *
   * @default - none
   */
  readonly fault?: (request: RestRequest) => Error | RestAnswer | undefined;
}

/** A call of Airflow's REST API; the path has no version. */
export interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
}

export interface RestAnswer {
  readonly status: number;
  readonly body: object;
}

/** The roles of whom MWAA calls Airflow as: without a user of that name it has those of `Public`. */
export function permissionsOf({ users, roles }: AirflowState, caller: string): Set<string> {
  const names = users.find(({ username }) => username === caller)?.roles ?? [{ name: 'Public' }];
  return new Set(names.flatMap(({ name }) => roles[name] ?? []));
}
