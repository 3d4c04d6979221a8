import { z } from 'zod';
import { regularMinutes } from './schedule.ts';

/** A read costs the web server up to some seconds of work, so it is not asked more often. */
const everyMinutesMin = 5;

/** InvokeRestApi is there from this version of Airflow on. */
const oldestAirflow = [2, 4, 3];

const rolePrivileges =
  'the right to call as another role is the right to be it, so the monitor itself would be a way to that role. Give the Airflow role PrivilegeAuditor inside of Airflow instead (docs/witness.md)';

/** The network of the witness, for a web server that is private. */
const witnessVpcSchema = z.strictObject({
  vpcId: z.string().regex(/^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a VPC, vpc-…'),
  subnetIds: z
    .array(
      z
        .string()
        .regex(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a subnet, subnet-…'),
    )
    .min(1, 'must name a subnet')
    .max(16, 'must be at most 16 subnets'),
  securityGroupIds: z
    .array(
      z
        .string()
        .regex(/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a security group, sg-…'),
    )
    .min(1, 'must name a security group')
    .max(5, 'must be at most 5 security groups'),
});

/**
 * The section `witness` of an environment's file: asks Airflow itself who has which role, beside the logs.
 * Experimental, and off unless the section is there.
 */
export const witnessSchema = z
  .strictObject({
    /** Whether it reads Airflow's audit log. */
    auditLog: z.boolean().default(true),
    /** Whether it reads users and roles, on Airflow 2 only. */
    snapshot: z.boolean().default(false),
    /** Minutes between two reads. */
    everyMinutes: regularMinutes
      .refine((minutes) => minutes >= everyMinutesMin, `must be at least ${everyMinutesMin}`)
      .default(15),
    /**
     * The environment's version, which decides what its REST API has. It must be changed with the environment.
     *
     * @default that of the section `airflow`
     */
    airflowVersion: z
      .string('must be a version in quotes like "2.10.3"')
      .regex(/^\d+\.\d+\.\d+$/, 'must be a version like 2.10.3')
      .optional(),
    /** The Airflow role in whose name it may call. */
    airflowRole: z.string().default('Public'),
    /** @default the function is in no VPC, and reaches public web servers only */
    vpc: witnessVpcSchema.optional(),
  })
  .superRefine(({ auditLog, snapshot, airflowRole }, context) => {
    if (!auditLog && !snapshot) {
      const message = 'must not be false beside snapshot: false: leave the section out instead';
      context.issues.push({ code: 'custom', path: ['auditLog'], message, input: auditLog });
    }
    if (airflowRole !== 'Public') {
      const message = `must be Public: ${rolePrivileges}`;
      context.issues.push({ code: 'custom', path: ['airflowRole'], message, input: airflowRole });
    }
  });

/** The section as it is written and checked by itself; see {@link WitnessConfig}. */
type WrittenWitness = z.output<typeof witnessSchema>;

/** The section with the version that the rest of the file may have. */
export type WitnessConfig = WrittenWitness & { readonly airflowVersion: string };

interface Problem {
  readonly path: readonly string[];
  readonly message: string;
  readonly input: unknown;
}

/**
 * The rules between the section and the rest of its file.
 *
 * @param deployedVersion the version in the section `airflow`, which deploys the environment
 */
export function resolveWitness(
  witness: WrittenWitness | undefined,
  deployedVersion: string | undefined,
): { readonly witness: WitnessConfig | undefined; readonly problems: readonly Problem[] } {
  if (witness === undefined) return { witness, problems: [] };
  const { snapshot, airflowVersion: given } = witness;
  const airflowVersion = given ?? deployedVersion ?? '';
  const problems: Problem[] = [];
  const refuse = (field: string, message: string, input: unknown) =>
    problems.push({ path: ['witness', field], message, input });
  if (airflowVersion === '') {
    // What the REST API has depends on it, and so does how it filters.
    refuse('airflowVersion', 'is required', given);
  } else if (deployedVersion !== undefined && airflowVersion !== deployedVersion) {
    refuse('airflowVersion', `must be airflow.airflowVersion (${deployedVersion})`, given);
  } else if (isOlder(airflowVersion, oldestAirflow)) {
    refuse(
      'airflowVersion',
      `must be at least ${oldestAirflow.join('.')}: MWAA passes no calls on to an older Airflow`,
      airflowVersion,
    );
  }
  if (snapshot && Number(airflowVersion.split('.')[0]) >= 3) {
    refuse(
      'snapshot',
      `must be false on Airflow ${airflowVersion}: from Airflow 3 on, users and roles lie outside of what MWAA's InvokeRestApi reaches; auditLog works`,
      snapshot,
    );
  }
  return { witness: { ...witness, airflowVersion }, problems };
}

function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  const differs = than.findIndex((part, at) => part !== parts[at]);
  return differs >= 0 && (parts[differs] ?? 0) < (than[differs] ?? 0);
}
