import { z } from 'zod';

/** The environment's network: a new VPC, unless an existing one is named. */
export const vpcSchema = z
  .strictObject({
    /** The address range of a new VPC. */
    cidr: z
      .cidrv4('must be a range like 10.192.0.0/16')
      .refine(isOfUsableSize, 'must be a range of /16 to /23')
      .optional(),
    /** The two zones of a new VPC. */
    availabilityZones: z
      .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d+[a-z]$/, 'must be a zone like eu-west-1a'))
      .length(2, 'must be two zones')
      .refine(areDifferent, 'must be two different zones')
      .optional(),
    /** An existing VPC, instead of a new one. */
    vpcId: z
      .string()
      .regex(/^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a VPC, vpc-…')
      .optional(),
    /** Two private subnets of the existing VPC, in two zones. */
    subnetIds: z
      .array(
        z
          .string()
          .regex(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a subnet, subnet-…'),
      )
      .length(2, 'must be two private subnets, in two zones')
      .refine(areDifferent, 'must be two different subnets')
      .optional(),
  })
  .superRefine((vpc, context) => {
    const isExisting = vpc.vpcId !== undefined;
    if (isExisting !== (vpc.subnetIds !== undefined)) {
      context.addIssue(
        'vpcId and subnetIds go together: both for an existing VPC, none for a new one',
      );
    }
    if (isExisting && (vpc.cidr !== undefined || vpc.availabilityZones !== undefined)) {
      context.addIssue('cidr and availabilityZones are for a new VPC: leave them out beside vpcId');
    }
  });

/** Whether two subnets fit in, each with room for the environment's workers and endpoints. */
function isOfUsableSize(cidr: string): boolean {
  const prefixLength = Number(cidr.split('/')[1]);
  return prefixLength >= 16 && prefixLength <= 23;
}

function areDifferent(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
