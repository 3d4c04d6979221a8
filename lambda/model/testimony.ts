import * as z from 'zod/mini';
import { auditRowSchema } from './airflow-state.ts';
import { outcomeSchema, severitySchema } from './finding.ts';

const name = z.string().check(z.minLength(1));

/** What became of a user or a role between two readings. */
export const stateChangeKinds = [
  'added',
  'removed',
  'renamed',
  'switched-on',
  'switched-off',
  'gained-role',
  'lost-role',
  'gained-permissions',
  'lost-permissions',
] as const;

export type StateChangeKind = (typeof stateChangeKinds)[number];

/** Why a change may be milder than its kind: each is something that Airflow or MWAA does by itself. */
export const stateChangeCauses = ['login', 'dag-access', 'upgrade'] as const;

/** One thing about one user or role that two readings of Airflow's state show differently. */
export const stateChangeSchema = z.object({
  object: z.enum(['user', 'role']),
  name,
  kind: z.enum(stateChangeKinds),
  severity: severitySchema,
  because: z.optional(z.enum(stateChangeCauses)),
  /** For what a login may have done: its severity if a line or a command shows that it was done otherwise. */
  fullSeverity: z.optional(severitySchema),
  /** For `gained-role` and `lost-role`. */
  role: z.optional(name),
  /** For permissions: the first of them. */
  permissions: z.optional(z.readonly(z.array(name))),
  /** How many there are. */
  permissionCount: z.optional(z.int()),
  /** Other names of the same user: the former one, the e-mail address. */
  aliases: z.optional(z.readonly(z.array(name))),
  /** It happened after the beginning of the first reading and before the end of the second. */
  fromEpochMs: z.int(),
  toEpochMs: z.int(),
});

export type StateChange = Readonly<z.infer<typeof stateChangeSchema>>;

/** The detection of a finding that is what the witness saw, and nothing else. */
export const stateDetection = 'state-change';
/** The detection of a command that only Airflow's audit log has. */
export const auditDetection = 'audit-log-command';

/** The same for the same change, however often two readings are compared. */
export function stateChangeId(change: StateChange): string {
  const { object, name: subject, kind, role = '', because = '', fromEpochMs } = change;
  return JSON.stringify([object, subject, kind, role, because, fromEpochMs]);
}

/** What the second witness says about a finding. */
export const testimonySchema = z.object({
  changes: z.readonly(z.array(stateChangeSchema)),
  rows: z.readonly(z.array(auditRowSchema)),
  /** The readings before and after it show the same. */
  unchanged: z.optional(z.literal(true)),
  /** The finding as it is without the witness. */
  base: z.object({
    severity: severitySchema,
    title: name,
    headline: z.optional(name),
    outcome: outcomeSchema,
    target: z.optional(name),
    role: z.optional(name),
  }),
});

export type Testimony = Readonly<z.infer<typeof testimonySchema>>;

/** What is new in a testimony. */
export type Witnessed = Partial<Pick<Testimony, 'changes' | 'rows' | 'unchanged'>>;
