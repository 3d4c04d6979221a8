import type { LogType, LogTypeDuty } from '../../lambda/model/log-types.ts';
import type { Verb } from '../../lambda/model/verbs.ts';

/** One text, or a list of at least one. */
type OneOrMore<T extends string> = T | readonly T[];

/** A change of privileges that somebody is responsible for; it covers what it names and nothing else. */
export interface ApprovalProps {
  /** Exact id of the DAG whose tasks make the changes. */
  readonly dag: string;
  /** Exact id of its task. @default any task of the DAG */
  readonly task?: string | undefined;
  /** What the change does. */
  readonly verb: OneOrMore<Verb>;
  /** The user who is changed, with `*` for any characters. @default none */
  readonly user?: OneOrMore<string> | undefined;
  /** The role, with `*` likewise, which never covers Admin, Op or Public. @default none */
  readonly role?: OneOrMore<string> | undefined;
  /** Why, with the ticket. */
  readonly reason: string;
  readonly owner: string;
  /** A date (to its end, UTC), or a time like `2026-12-31T18:00:00Z`. */
  readonly expires: string;
}

/** Reads the logs once more for events that came late. */
export interface SweepProps {
  /** Minutes, a multiple of the monitor's `everyMinutes`. @default 60, or `everyMinutes` if longer */
  readonly everyMinutes?: number | undefined;
  /** How late an event can be and is still found, in minutes, at most 20160 (14 days). */
  readonly lagMinutes?: number | undefined;
}

/** Asks Airflow itself who has which role, beside the logs. Experimental: docs/witness.md. */
export interface WitnessProps {
  /** Whether it reads Airflow's audit log. @default true */
  readonly auditLog?: boolean | undefined;
  /** Whether it reads users and roles; on Airflow 2 only. @default false */
  readonly snapshot?: boolean | undefined;
  /** Minutes between two reads: divides 60, or whole hours that divide 24; at least 5. @default 15 */
  readonly everyMinutes?: number | undefined;
  /** The environment's version of Airflow, such as 2.10.3; at least 2.4.3. */
  readonly airflowVersion?: string | undefined;
  /** The Airflow role in whose name it may call; no other than Public. @default Public */
  readonly airflowRole?: string | undefined;
  /**
   * Where it reaches a private web server; known at synthesis, which prints the endpoints that are needed.
   *
   * @default it is in no VPC, and reaches public web servers only
   */
  readonly vpc?:
    | {
        readonly vpcId: string;
        /** 1 to 16 subnets of the VPC. */
        readonly subnetIds: readonly string[];
        /** 1 to 5 security groups that may connect to the endpoints. */
        readonly securityGroupIds: readonly string[];
      }
    | undefined;
}

/** An address that gets findings, or only those from a severity on. */
export type FindingsAddress =
  | string
  | { readonly address: string; readonly minSeverity: 'low' | 'medium' | 'high' | 'critical' };

/**
 * The settings of a monitor: those of an environment's file (docs/environments/full.yaml explains
 * each), except for what belongs to the stack.
 */
export interface MwaaPrivilegeMonitorProps {
  /** The name of the MWAA environment, known at synthesis. */
  readonly environmentName: string;
  /**
   * Minutes between two scans: divides 60, or whole hours that divide 24.
   * @default 5
   */
  readonly everyMinutes?: number | undefined;
  /**
   * Minutes after the multiples of `everyMinutes` at which scans begin, 0 to 59.
   * @default by the environment's name, so that monitors take turns
   */
  readonly offsetMinutes?: number | undefined;
  /**
   * Seconds that each scan waits before it begins, 0 to 15.
   * @default by the environment's name
   */
  readonly delaySeconds?: number | undefined;
  /**
   * Minutes that a scan lags the present, so that log lines have arrived, 0 to 60.
   * @default 5
   */
  readonly settleMinutes?: number | undefined;
  /**
   * Minutes that one query reads at most, 1 to 1440.
   * @default 60
   */
  readonly maxSliceMinutes?: number | undefined;
  /**
   * Hours without an event after which a `never-silent` log group is blind, 1 to 168.
   * @default 1
   */
  readonly silentAfterHours?: number | undefined;
  /**
   * What is expected of each log type; at least one is `never-silent`.
   * @default DAGProcessing and Scheduler never-silent, Task, WebServer and Worker required
   */
  readonly logTypes?: { readonly [Type in LogType]?: LogTypeDuty | undefined } | undefined;
  /**
   * Hours before the very first scan to read as well, 0 to 336.
   * @default 0
   */
  readonly initialLookbackHours?: number | undefined;
  /** @default every 60 minutes with a lag of 60 */
  readonly nearSweep?: SweepProps | undefined;
  /** @default every 60 minutes with a lag of 1440 */
  readonly farSweep?: SweepProps | undefined;
  /**
   * ARN of the key of the environment's log groups, if it belongs to another account; may be a token.
   * @default keys of the monitor's own account
   */
  readonly logsKmsKeyArn?: string | undefined;
  /**
   * ARN of a customer managed key that encrypts what the monitor stores; must be known at synthesis.
   * The synthesis prints what its policy needs.
   * @default a key of the monitor's own
   */
  readonly kmsKeyArn?: string | undefined;
  /**
   * Seconds of event time within which lines belong to one change, 10 to 3600.
   * @default 180
   */
  readonly correlateSeconds?: number | undefined;
  /**
   * Days for which findings and the record of what was read stay in the table, 30 to 3653.
   * @default 400
   */
  readonly ledgerRetentionDays?: number | undefined;
  /**
   * Findings below this severity are recorded, not notified.
   * @default medium
   */
  readonly alertAt?: 'low' | 'medium' | 'high' | 'critical' | undefined;
  readonly detections?:
    | {
        /** Ids of detections to leave out. @default none */
        readonly disable?: readonly string[] | undefined;
      }
    | undefined;
  /**
   * Changes that are recorded, counted and listed in one mail a day, not mailed one by one.
   * @default none
   */
  readonly approvedChanges?: readonly ApprovalProps[] | undefined;
  readonly notify?:
    | {
        /** Addresses that get every alarm, and findings; may be tokens. @default none */
        readonly email?: readonly FindingsAddress[] | undefined;
        readonly findings?:
          | {
              /** Addresses that get findings only; may be tokens. @default none */
              readonly email?: readonly FindingsAddress[] | undefined;
            }
          | undefined;
        readonly alarms?:
          | {
              /** Addresses that get alarms only; may be tokens. @default none */
              readonly email?: readonly string[] | undefined;
            }
          | undefined;
        /** The five alarms on the documented query's matches. @default true */
        readonly documentedAlarms?: boolean | undefined;
        /** Whether the alarms on privilege changes notify anybody, beside the findings. @default true */
        readonly alarmMails?: boolean | undefined;
        /**
         * ARN of a topic of the same account and Region that gets findings and alarms; must be known at
         * synthesis, which prints what its policy needs.
         * @default two topics of the monitor's own
         */
        readonly existingTopicArn?: string | undefined;
        /** ARN of the customer managed key of that topic; likewise. @default it has none */
        readonly existingTopicKmsKeyArn?: string | undefined;
        /**
         * A topic of its own for Amazon Q Developer in chat applications (Slack, Teams), in the form it reads.
         * @default false
         */
        readonly chat?: boolean | undefined;
        /**
         * `true`: each finding is also an event on a bus of the monitor's own. An ARN: on that bus of the
         * same Region; must be known at synthesis.
         * @default false
         */
        readonly eventBus?: boolean | string | undefined;
      }
    | undefined;
  /**
   * Asks Airflow itself who has which role, beside its logs. Experimental.
   * @default it is not asked
   */
  readonly witness?: WitnessProps | undefined;
  /**
   * Tags of every resource of the monitor.
   * @default none of its own
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /**
   * ARN of the managed policy that limits each role of the monitor; may be a token.
   * @default none of its own
   */
  readonly permissionsBoundary?: string | undefined;
  /**
   * How long the scanner's own log is stored, in days that CloudWatch Logs offers.
   * @default 90
   */
  readonly scannerLogRetentionDays?: number | undefined;
  /**
   * How much the queries of a UTC day may scan before an alarm rings, in GB (10^9 bytes).
   * @default 1000
   */
  readonly scannedGbPerDayMax?: number | undefined;
  /**
   * Address of the folder of the runbooks, to which mails and alarms link: `https://…/`.
   * @default - those of the repository and the commit that the package was made from, where they are known
   */
  readonly runbookBaseUrl?: string | undefined;
}
