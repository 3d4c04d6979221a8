import { z } from 'zod';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
export const roleShape = z
  .object({
    RoleName: z.string(),
    Arn: z.string(),
    /** The trust policy: JSON, percent-encoded by the API. */
    AssumeRolePolicyDocument: z.string(),
    PermissionsBoundary: z.object({ PermissionsBoundaryArn: z.string() }).partial(),
  })
  .partial();

export type Role = z.output<typeof roleShape>;

/** A policy of a role, in line or attached, with its document: JSON, percent-encoded by the API. */
export const rolePolicyShape = z.object({
  /** Name of an in-line policy, ARN of an attached one. */
  name: z.string(),
  document: z.string(),
});

export type RolePolicy = z.output<typeof rolePolicyShape>;
