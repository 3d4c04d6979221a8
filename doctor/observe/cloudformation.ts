import {
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { type DeployedStack, stackShape } from '../shapes/cloudformation.ts';
import { known, type Part } from '../shapes/part.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';

const resourcesAnswer = z
  .object({ StackResources: z.array(z.object({ StackName: z.string() }).partial()).default([]) })
  .transform(({ StackResources }) => StackResources[0]?.StackName ?? null);
const stacksAnswer = z
  .object({ Stacks: z.array(stackShape).min(1) })
  .transform(({ Stacks }) => Stacks[0] ?? null);

/** The stack that a resource belongs to; null when it belongs to none. */
export async function stackOf(
  ask: Ask,
  { cloudFormation }: Pick<DoctorClients, 'cloudFormation'>,
  PhysicalResourceId: string,
): Promise<Part<DeployedStack | null>> {
  const name = await ask('cloudformation:DescribeStackResources', resourcesAnswer, async () => {
    try {
      return await cloudFormation.send(new DescribeStackResourcesCommand({ PhysicalResourceId }));
    } catch (error) {
      if (isWithoutStack(error)) return {};
      throw error;
    }
  });
  if (name.kind !== 'known') return name;
  const StackName = name.value;
  if (StackName === null) return known(null);
  return ask('cloudformation:DescribeStacks', stacksAnswer, () =>
    cloudFormation.send(new DescribeStacksCommand({ StackName })),
  );
}

/** Matches "Stack for … does not exist". */
function isWithoutStack(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ValidationError' &&
    error.message.includes('does not exist')
  );
}
