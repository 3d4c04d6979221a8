/** Severities, mildest first. `info` is evidence only: it never makes a finding by itself. */
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;

export type Severity = (typeof severities)[number];

/** Whether the change happened, as far as the log shows. */
export type Outcome = 'succeeded' | 'failed' | 'denied' | 'unknown';

/** Who did it, as far as the stream name or the access line tells. */
export interface Actor {
  readonly dag?: string;
  readonly run?: string;
  readonly task?: string;
  readonly mapIndex?: number;
  readonly attempt?: number;
  /** The DAG file whose parsing wrote the line. */
  readonly dagFile?: string;
  /** The Airflow user that an access line names. */
  readonly user?: string;
}

/** One log event that shows the change; identical events are one, with `occurrences`. */
export interface Evidence {
  readonly logGroup: string;
  readonly logStream: string;
  /** ISO 8601 with milliseconds, UTC. */
  readonly timestamp: string;
  /** Redacted, then cut to 1 kB. */
  readonly message: string;
  readonly occurrences: number;
}

/** One privilege change: the published JSON, schema 1. */
export interface Finding {
  readonly schema: 1;
  readonly id: string;
  readonly environment: string;
  readonly severity: Severity;
  readonly title: string;
  readonly detections: readonly string[];
  readonly attack: readonly string[];
  readonly actor: Actor;
  readonly target?: string;
  readonly role?: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly detectedAt: string;
  readonly late: boolean;
  readonly outcome: Outcome;
  readonly evidence: readonly Evidence[];
  readonly links: {
    readonly logStream: string;
    readonly insights: string;
    readonly airflow?: string;
  };
  readonly runbook: string;
}
