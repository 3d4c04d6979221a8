import { z } from 'zod';
import { type LogType, logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import { logGroupArn } from '../../aws-place.ts';
import type { LocalAirflow } from '../airflow/airflow-state.ts';
import type { QueryEngine } from '../logs/query-engine.ts';
import {
  AwsError,
  callOperation,
  defineOperation,
  type Operation,
  type OperationContext,
} from '../protocol/operation.ts';
import type { HttpAnswer } from '../protocol/read-request.ts';

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

/** What GetEnvironment reports for one log type. */
export interface LogTypeConfiguration {
  readonly Enabled: boolean;
  readonly LogLevel: 'CRITICAL' | 'ERROR' | 'WARNING' | 'INFO' | 'DEBUG';
  /** Ends in `:*`, which StartQuery does not accept. */
  readonly CloudWatchLogGroupArn?: string;
}

export interface EnvironmentsContext extends OperationContext {
  readonly engine: QueryEngine;
  /** Versions of Airflow, by the environment's name; without one, the answer has none. */
  readonly airflow: Readonly<Record<string, LocalAirflow>>;
  readonly environmentLogging: Readonly<Partial<Record<LogType, Partial<LogTypeConfiguration>>>>;
}

/** The member of LoggingConfiguration for each log type. */
const members: Readonly<Record<LogType, string>> = {
  DAGProcessing: 'DagProcessingLogs',
  Scheduler: 'SchedulerLogs',
  Task: 'TaskLogs',
  WebServer: 'WebserverLogs',
  Worker: 'WorkerLogs',
};

export const environmentPath = /^\/environments\/([^/]+)$/;

/**
 * https://docs.aws.amazon.com/mwaa/latest/API/API_GetEnvironment.html
 *
 * An environment exists when one of its five log groups does. MWAA creates a group only for an
 * enabled log type, so a type without a group is disabled.
 */
const getEnvironment: Operation<EnvironmentsContext> = {
  name: 'GetEnvironment',
  async call(input, { engine, place, environmentLogging, airflow }) {
    const name = String(input);
    const existing = new Set((await engine.logGroups()).map(({ logGroup }) => logGroup));
    if (!logTypes.some((logType) => existing.has(logGroupName(name, logType)))) {
      throw new AwsError('ResourceNotFoundException', `Environment ${name} not found`, {
        httpStatus: 404,
      });
    }
    const logging = logTypes.map((logType) => {
      const logGroup = logGroupName(name, logType);
      const derived: LogTypeConfiguration = existing.has(logGroup)
        ? {
            Enabled: true,
            LogLevel: 'INFO',
            CloudWatchLogGroupArn: `${logGroupArn(place, logGroup)}:*`,
          }
        : { Enabled: false, LogLevel: 'INFO' };
      return [members[logType], { ...derived, ...environmentLogging[logType] }];
    });
    return {
      Environment: {
        Name: name,
        Arn: `arn:${place.partition}:airflow:${place.region}:${place.accountId}:environment/${name}`,
        Status: 'AVAILABLE',
        ...(Object.hasOwn(airflow, name) && {
          AirflowVersion: airflow[name]?.version,
          WebserverAccessMode: airflow[name]?.webserverAccess,
        }),
        LoggingConfiguration: Object.fromEntries(logging),
      },
    };
  },
};

/** Answers `GET /environments/{Name}`, with or without the host prefix `api.`. */
export async function answerGetEnvironment(
  path: string,
  context: EnvironmentsContext,
): Promise<HttpAnswer> {
  const contentType = 'application/json';
  try {
    const output = await callOperation(getEnvironment, environmentName(path), context);
    return { status: 200, contentType, body: JSON.stringify(output) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return {
      status: error.httpStatus,
      contentType,
      headers: { 'x-amzn-errortype': error.code },
      body: JSON.stringify({ message: error.message }),
    };
  }
}

/** @throws AwsError for a name that MWAA does not allow */
function environmentName(path: string): string {
  const encoded = environmentPath.exec(path)?.[1] ?? '';
  // MWAA's own rule: no character of a name needs percent-encoding.
  if (/^[a-zA-Z][0-9a-zA-Z\-_]{0,79}$/.test(encoded)) return encoded;
  throw new AwsError(
    'ValidationException',
    `Name: a letter, then letters, digits, - and _, at most 80 characters, got ${encoded}`,
  );
}
