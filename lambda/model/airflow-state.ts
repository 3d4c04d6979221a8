import * as z from 'zod/mini';
import { verbNames } from './verbs.ts';

const name = z.string().check(z.minLength(1));
const epochMs = z.int();

/**
 * What is kept of a user. Airflow's answer holds neither an id nor the password's hash nor groups; first
 * and last names change no privilege and are not kept.
 */
export const userStateSchema = z.object({
  username: name,
  email: z.string(),
  active: z.boolean(),
  /** Sorted. */
  roles: z.readonly(z.array(name)),
  /** As Airflow writes it: UTC without an offset. */
  createdOn: z.optional(name),
  lastLogin: z.optional(name),
});

export type UserState = Readonly<z.infer<typeof userStateSchema>>;

/** What is kept of a role: its permissions as `can_edit on Users`, sorted. */
export const roleStateSchema = z.object({ role: name, permissions: z.readonly(z.array(name)) });

export type RoleState = Readonly<z.infer<typeof roleStateSchema>>;

/** Users and roles of Airflow as they were read between two moments. */
export interface AirflowState {
  /** When the read began: a change before it is in the state. */
  readonly startEpochMs: number;
  /** When it ended: a change after it is not. */
  readonly endEpochMs: number;
  readonly users: ReadonlyMap<string, UserState>;
  /** By role, its permissions, sorted. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
}

/** What a row of Airflow's audit log says that a command does. */
export const auditCommandSchema = z.object({
  verb: z.optional(z.enum(verbNames)),
  target: z.optional(name),
  role: z.optional(name),
  roles: z.optional(z.readonly(z.array(name))),
});

/**
 * A row of Airflow's audit log (the table `log`) that records a command which changes privileges. Airflow
 * writes it when the command starts, whether it succeeds or not.
 */
export const auditRowSchema = z.object({
  id: z.int().check(z.minimum(0)),
  event: name,
  whenEpochMs: epochMs,
  /** The user of the operating system who ran it: `airflow` on MWAA. */
  owner: z.optional(z.string()),
  host: z.optional(z.string()),
  /** The command, redacted and cut. */
  command: z.string(),
  commands: z.readonly(z.array(auditCommandSchema).check(z.minLength(1))),
  /** When the witness read it. */
  readEpochMs: epochMs,
});

export type AuditCommand = Readonly<z.infer<typeof auditCommandSchema>>;
export type AuditRow = Readonly<z.infer<typeof auditRowSchema>>;

/** The Airflow role with which the witness reads, and exactly what it may do. */
export const auditorRole = 'PrivilegeAuditor';
export const auditorPermissions = [
  'can_read on Audit Logs',
  'can_read on Roles',
  'can_read on Users',
] as const;

/** Airflow gives it to every custom role by itself. */
export const homepagePermission = 'can_read on Website';
