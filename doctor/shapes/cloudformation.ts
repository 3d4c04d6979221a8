import { z } from 'zod';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html */
export const stackShape = z
  .object({
    StackName: z.string(),
    StackStatus: z.string(),
    Outputs: z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() }).partial()),
  })
  .partial();

export type DeployedStack = z.output<typeof stackShape>;
