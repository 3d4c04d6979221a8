import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import type {
  AirflowState,
  AirflowUser,
  AuditRow,
  LocalAirflow,
} from '../../aws-endpoints/airflow/airflow-state.ts';

const file = (name: string) => fileURLToPath(new URL(`../sessions/${name}`, import.meta.url));

/** The log lines of the session, as `replay` reads them. */
export const witnessLogs = file('witness-2.10.3.ndjson.gz');

const text = z.string();
const textOrNull = z.nullable(text);

const userSchema = z.object({
  ...{ username: text, email: text, first_name: text, last_name: text, active: z.boolean() },
  ...{ created_on: text, changed_on: text, last_login: textOrNull },
  ...{ login_count: z.nullable(z.int()), fail_login_count: z.nullable(z.int()) },
  roles: z.array(z.object({ name: text })),
}) satisfies z.ZodType<AirflowUser>;

const rowSchema = z.object({
  ...{ event_log_id: z.int(), when: text, event: text, owner: textOrNull, extra: textOrNull },
  ...{ dag_id: textOrNull, task_id: textOrNull },
}) satisfies z.ZodType<AuditRow>;

/** One of the session's changes, and which witness can tell it. */
const changeSchema = z.object({
  what: text,
  /** The user, or the role, that it changes. */
  object: text,
  role: text,
  ...{ logs: z.boolean(), auditLog: z.boolean(), snapshot: z.boolean() },
});

const sessionSchema = z.object({
  ...{ airflowVersion: text, mwaaEnvironment: text, caller: text },
  changes: z.array(changeSchema),
  /** What changed at a moment: whole users and roles, and the rows that came to the audit log. */
  states: z.array(
    z.object({
      fromEpochMs: z.int(),
      users: z.array(userSchema).default([]),
      roles: z.record(text, z.array(text)).default({}),
      auditLog: z.array(rowSchema).default([]),
    }),
  ),
});

export type WitnessedChange = z.output<typeof changeSchema>;

/** A recorded Airflow that changes over time. */
export interface WitnessSession {
  readonly mwaaEnvironment: string;
  readonly changes: readonly WitnessedChange[];
  readonly airflow: LocalAirflow;
}

/** The session that is part of the project; see sessions/README.md. */
export async function readWitnessSession(): Promise<WitnessSession> {
  const zipped = await readFile(file('witness-2.10.3.state.json.gz'));
  const json: unknown = JSON.parse((await promisify(gunzip)(zipped)).toString('utf8'));
  const { airflowVersion, mwaaEnvironment, caller, changes, states } = sessionSchema.parse(json);
  return {
    ...{ mwaaEnvironment, changes },
    airflow: { version: airflowVersion, caller, stateAt: (epochMs) => stateAt(states, epochMs) },
  };
}

type Step = z.output<typeof sessionSchema>['states'][number];

function stateAt(steps: readonly Step[], epochMs: number): AirflowState {
  const past = steps.filter(({ fromEpochMs }) => fromEpochMs <= epochMs);
  const users = new Map(past.flatMap((step) => step.users.map((user) => [user.username, user])));
  return {
    users: [...users.values()],
    roles: Object.assign({}, ...past.map(({ roles }) => roles)),
    auditLog: past.flatMap(({ auditLog }) => auditLog),
  };
}
