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

/** An inline or attached policy of a role; the document is JSON, percent-encoded by the API. */
export const rolePolicyShape = z.object({
  /** The name of an inline policy, or the ARN of an attached one. */
  name: z.string(),
  document: z.string(),
});

export type RolePolicy = z.output<typeof rolePolicyShape>;
