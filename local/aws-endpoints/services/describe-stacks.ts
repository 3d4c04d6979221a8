import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { defineOperation, type OperationContext } from '../protocol/operation.ts';

/** By stack name, the values of its outputs by output key. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface StacksContext extends OperationContext {
  readonly stacks: StackOutputs;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export const describeStacks = defineOperation(
  'DescribeStacks',
  'ValidationError',
  z.looseObject({ StackName: z.string().min(1).optional() }),
  ({ StackName }, { stacks, place, clock }: StacksContext) => {
    const found = Object.entries(stacks).filter(
      ([name]) => StackName === undefined || name === StackName,
    );
    if (StackName !== undefined && found.length === 0) {
      throw new AwsError('ValidationError', `Stack with id ${StackName} does not exist`);
    }
    const { partition, region, accountId } = place;
    return {
      Stacks: found.map(([name, outputs]) => ({
        StackName: name,
        StackId: `arn:${partition}:cloudformation:${region}:${accountId}:stack/${name}/local`,
        CreationTime: new Date(clock.nowEpochMs()).toISOString(),
        StackStatus: 'CREATE_COMPLETE',
        Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({
          OutputKey,
          OutputValue,
        })),
      })),
    };
  },
);
