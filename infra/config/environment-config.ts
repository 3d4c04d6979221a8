import { basename } from 'node:path';
import type { Environment } from 'aws-cdk-lib/core';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { z } from 'zod';
import { defaultCorrelateSeconds } from '../../lambda/model/correlation-state.ts';
import { defaultDuties, type LogType, logTypeDuties } from '../../lambda/model/log-types.ts';
import {
  defaultLedgerRetentionDays,
  delaySecondsMax,
  runbookBaseUrlPattern,
} from '../../lambda/plan/runtime-config.ts';
import { checkInput, InputError, readCheckedYaml } from '../../queries/tools/checked-yaml.ts';
import { documentedDetectionId, loadDetections } from '../../queries/tools/load-detections.ts';
import { type DeclaredPlace, stackName } from '../naming/names.ts';
import { airflowProblems, airflowSchema } from './airflow-config.ts';
import { exactKeyArnPattern, foreignKeyProblem, keyArnPattern } from './key-policy.ts';
import { notifyProblems, notifySchema } from './notify-config.ts';
import { regularMinutes, resolveSweeps, sweepSchema, turnOf } from './schedule.ts';
import { stackSettings } from './stack-settings.ts';
import { resolveWitness, witnessSchema } from './witness-config.ts';
import { writtenApproval } from './written-approval.ts';

/** Ids of the detections that make findings, read when first needed. */
let detectionIds: readonly string[] | undefined;

function knownDetectionIds(): readonly string[] {
  detectionIds ??= loadDetections()
    .map(({ id }) => id)
    .filter((id) => id !== documentedDetectionId);
  return detectionIds;
}

const detectionId = z
  .string()
  .refine((id) => knownDetectionIds().includes(id), {
    error: () => `must be the id of a detection: one of ${knownDetectionIds().join(', ')}`,
  })
  .meta({
    get enum() {
      return knownDetectionIds();
    },
  });

function dutyOf(logType: LogType) {
  return z.enum(logTypeDuties).default(defaultDuties[logType]);
}

/** The Regions that this version of the CDK knows. */
const knownRegions = RegionInfo.regions.map(({ name }) => name).toSorted();

const mustBeKeyArn =
  'must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>), not of an alias';

/** The fields of an environment, each by itself; {@link environmentSchema} also compares them. */
export const environmentFields = z.strictObject({
  /** Name of the MWAA environment, as AWS allows it (CreateEnvironment, `Name`). */
  mwaaEnvironment: z
    .string()
    .regex(
      /^[a-zA-Z][0-9a-zA-Z\-_]{0,79}$/,
      'must begin with a letter and hold at most 80 letters, digits, "-" and "_"',
    ),
  /** @default the account of the credentials that deploy */
  account: z
    .string('must be 12 digits in quotes')
    .regex(/^\d{12}$/, 'must be 12 digits')
    .optional(),
  /** @default the region of the credentials that deploy */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/, { error: 'must be a region like eu-west-1', abort: true })
    .refine(
      (name) => knownRegions.includes(name),
      'must be a Region that this version of the CDK knows',
    )
    .meta({ enum: knownRegions })
    .optional(),
  /** Minutes between two scans. */
  everyMinutes: regularMinutes.default(5),
  /**
   * Minutes after the multiples of `everyMinutes` at which scans begin.
   * @default by the environment's name, see `turnOf`
   */
  offsetMinutes: z.int('must be whole minutes, 0 to 59').min(0).max(59).optional(),
  /**
   * Seconds that each scan waits before it begins.
   * @default by the environment's name, see `turnOf`
   */
  delaySeconds: z
    .int(`must be whole seconds, 0 to ${delaySecondsMax}`)
    .min(0)
    .max(delaySecondsMax)
    .optional(),
  /** How many minutes before the present a scan ends, so that log lines have arrived. */
  settleMinutes: z.int('must be whole minutes, 0 to 60').min(0).max(60).default(5),
  /**
   * The longest slice that one query reads, in minutes: after an outage the monitor catches up in
   * such slices.
   */
  maxSliceMinutes: z.int('must be whole minutes, 1 to 1440').min(1).max(1440).default(60),
  /** Hours without an event after which the log group of a `never-silent` log type is blind. */
  silentAfterHours: z.int('must be whole hours, 1 to 168').min(1).max(168).default(1),
  /** What is expected of each log type: see `logTypeDuties`. */
  logTypes: z
    .strictObject({
      DAGProcessing: dutyOf('DAGProcessing'),
      Scheduler: dutyOf('Scheduler'),
      Task: dutyOf('Task'),
      WebServer: dutyOf('WebServer'),
      Worker: dutyOf('Worker'),
    })
    .refine((duties) => Object.values(duties).includes('never-silent'), {
      // When all may be silent, nothing shows that the environment has stopped, or logs nothing.
      error: 'must leave at least one log type never-silent',
    })
    .prefault({}),
  /** How many hours before the first scan are read, once; findings of that time come in digests. */
  initialLookbackHours: z.int('must be whole hours, 0 to 336').min(0).max(336).default(0),
  /** Reads again, soon after the scan, for events that came late. */
  nearSweep: sweepSchema.prefault({}),
  /** Reads once more for events that came very late: events later than its lag are never found. */
  farSweep: sweepSchema.prefault({}),
  /**
   * A customer managed key of another account that encrypts the environment's log groups. AWS's
   * documents disagree on whether a caller of Logs Insights needs `kms:Decrypt` itself. So for
   * these log groups, through CloudWatch Logs only, the scanner may use every key of its own
   * account and Region, and this one.
   */
  logsKmsKeyArn: z.string().regex(keyArnPattern, mustBeKeyArn).optional(),
  /**
   * A customer managed key that encrypts what the monitor itself stores, in place of a key of its
   * stack. @default the stack has a key of its own
   */
  kmsKeyArn: z.string().regex(exactKeyArnPattern, mustBeKeyArn).optional(),
  /** The MWAA environment itself, if this project deploys it; left out for an existing one. */
  airflow: airflowSchema.optional(),
  /**
   * How long, in event time, an echoed command waits for its outcome, to become one finding with
   * it.
   */
  correlateSeconds: z
    .int('must be whole seconds, 10 to 3600')
    .min(10)
    .max(3600)
    .default(defaultCorrelateSeconds),
  /** How long findings, and the record of what was read, stay in the ledger, in days. */
  ledgerRetentionDays: z
    .int('must be whole days, 30 to 3653')
    .min(30)
    .max(3653)
    .default(defaultLedgerRetentionDays),
  /**
   * How much the queries of a UTC day may scan before an alarm rings, in GB (10^9 bytes). The default is
   * about what the four lanes scan of 250 GB of logs a day.
   */
  scannedGbPerDayMax: z
    .number('must be a number of GB, more than 0')
    .positive('must be more than 0 GB')
    .max(1_000_000, 'must be at most 1000000 GB (10^15 bytes)')
    .default(1000),
  /** Findings below this severity are recorded, but not notified. */
  alertAt: z.enum(['low', 'medium', 'high', 'critical']).default('medium'),
  detections: z
    .strictObject({
      /** Ids of detections to leave out. */
      disable: z.array(detectionId).default([]),
    })
    .prefault({}),
  /** Changes that somebody has approved: recorded and counted, but not notified. */
  approvedChanges: z.array(writtenApproval).default([]),
  notify: notifySchema,
  /** Asks Airflow itself, beside its logs. @default it is not asked */
  witness: witnessSchema.optional(),
  /**
   * The address of the folder of runbooks, for the links in mails and alarms.
   * @default - the folder in the repository that this checkout was cloned from, at its commit
   */
  runbookBaseUrl: z
    .string()
    .max(300, 'must have at most 300 characters')
    .regex(
      runbookBaseUrlPattern,
      'must be an https address without query or spaces, such as https://wiki.example.com/runbooks',
    )
    .optional(),
  ...stackSettings,
});

/** What a person writes in `environments/<name>.yaml`, with the defaults filled in. */
export const environmentSchema = environmentFields.transform((given, context) => {
  const { nearSweep, farSweep, problems } = resolveSweeps(given);
  for (const { path, message } of [...problems, ...airflowProblems({ ...given, farSweep })]) {
    context.issues.push({ code: 'custom', message, path: [...path], input: given });
  }
  const { mwaaEnvironment, everyMinutes, offsetMinutes, delaySeconds } = given;
  if (offsetMinutes !== undefined && offsetMinutes >= everyMinutes) {
    const message = `must be less than everyMinutes (${everyMinutes})`;
    context.issues.push({ code: 'custom', message, path: ['offsetMinutes'], input: given });
  }
  const { kmsKeyArn } = given;
  const problem = kmsKeyArn && foreignKeyProblem(kmsKeyArn, deploymentPlace(given));
  if (problem) {
    context.issues.push({ code: 'custom', message: problem, path: ['kmsKeyArn'], input: given });
  }
  for (const { path, message } of notifyProblems(given.notify, deploymentPlace(given))) {
    context.issues.push({ code: 'custom', message, path: ['notify', ...path], input: given });
  }
  const { witness, problems: ofWitness } = resolveWitness(
    given.witness,
    given.airflow?.airflowVersion,
  );
  for (const { path, message, input } of ofWitness) {
    context.issues.push({ code: 'custom', message, path: [...path], input });
  }
  const turn = turnOf(mwaaEnvironment, everyMinutes);
  return {
    ...{ ...given, nearSweep, farSweep, witness },
    offsetMinutes: offsetMinutes ?? turn.offsetMinutes,
    delaySeconds: delaySeconds ?? turn.delaySeconds,
  };
});

export type EnvironmentConfig = z.output<typeof environmentSchema>;

/** Account and region; without a profile both are unknown, and the template fits any. */
export function deploymentPlace({ account, region }: DeclaredPlace): Environment {
  return {
    account: account ?? process.env.CDK_DEFAULT_ACCOUNT,
    region: region ?? process.env.CDK_DEFAULT_REGION,
  };
}

/** One environment to monitor, and the name in the names of its stacks. */
export interface MonitoredEnvironment {
  readonly name: string;
  readonly config: EnvironmentConfig;
}

/** How the name of an environment's file ends. */
export const environmentFileEnd = /\.ya?ml$/i;

/** The rule that the name of a file (without `.yaml`) breaks; undefined if it breaks none. */
export function fileNameProblem(name: string): string | undefined {
  if (/^[a-zA-Z][0-9a-zA-Z-]*$/.test(name)) return undefined;
  return `the file's name becomes the stack's: it must begin with a letter and hold letters, digits and "-"`;
}

/**
 * Reads `environments/<name>.yaml`.
 *
 * @throws InputError naming file, line, field, rule and value.
 */
export function readEnvironmentFile(path: string, shownPath: string): MonitoredEnvironment {
  const name = basename(path).replace(environmentFileEnd, '');
  const problem = fileNameProblem(name);
  if (problem !== undefined) {
    const stack = stackName('MonitorStack', name);
    throw new InputError(
      [
        `${shownPath}: ${problem}`,
        ...(/^[a-zA-Z][\w-]*$/.test(name)
          ? [`; rename it to ${name.replaceAll('_', '-')}.yaml: its stack stays ${stack}`]
          : []),
      ].join(''),
    );
  }
  return { name, config: readCheckedYaml(path, shownPath, environmentSchema).value };
}

/** `-c email=none` means nobody. */
const nobody = 'none';

/**
 * An environment given on the command line, without a file. The next deployment does not know what
 * the last one was given, so one without addresses would unsubscribe everybody: it must say so.
 *
 * @throws InputError naming option, rule and value.
 */
export function environmentFromOptions(options: {
  readonly mwaaEnvironment: string;
  /** One address, or several joined by commas. */
  readonly email?: string | undefined;
  readonly everyMinutes?: string | undefined;
}): MonitoredEnvironment {
  const { mwaaEnvironment, email = nobody, everyMinutes } = options;
  const input = {
    mwaaEnvironment,
    ...(everyMinutes !== undefined && { everyMinutes: numberOrText(everyMinutes) }),
    notify: { email: email === nobody ? [] : email.split(',').map((address) => address.trim()) },
  };
  const config = checkInput(
    environmentSchema,
    input,
    ([field]) => `-c ${field === 'notify' ? 'email' : String(field)}`,
  );
  if (mwaaEnvironment.includes('_')) {
    const name = mwaaEnvironment.replaceAll('_', '-');
    throw new InputError(
      `-c mwaaEnvironment: must not hold "_", which the name of a stack cannot: ${stackName('MonitorStack', name)} may be the stack of ${name}. Describe it in environments/NAME.yaml, where NAME is ${name} if it is deployed as that stack, else any free name, got ${JSON.stringify(mwaaEnvironment)}`,
    );
  }
  if (options.email === undefined) {
    throw new InputError(
      '-c email: is required with -c mwaaEnvironment, since a deployment without it unsubscribes everybody: give every address again, or -c email=none for nobody',
    );
  }
  return { name: mwaaEnvironment, config };
}

/** Text that is not a number stays text, so that the error shows what was typed. */
function numberOrText(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
