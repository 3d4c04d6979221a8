import { z } from 'zod';
import { describeIssues } from '../../../lambda/common/parse-input.ts';
import {
  AwsError,
  callOperation,
  type Operation,
  type OperationContext,
} from '../protocol/operation.ts';
import type { HttpAnswer, HttpRequest } from '../protocol/read-request.ts';
import { answerRestRequest } from './airflow-rest-api.ts';
import type { LocalAirflow, RestAnswer } from './airflow-state.ts';

export interface AirflowContext extends OperationContext {
  /** By the environment's name. */
  readonly airflow: Readonly<Record<string, LocalAirflow>>;
}

export const restApiPath = /^\/restapi\/([^/]+)$/;

/** As botocore's model of MWAA has it. */
const requestSchema = z.looseObject({
  Path: z.string().min(1).max(64),
  Method: z.enum(['GET', 'PUT', 'POST', 'PATCH', 'DELETE']),
  QueryParameters: z.record(z.string(), z.unknown()).optional(),
  Body: z.record(z.string(), z.unknown()).optional(),
});

interface NamedRequest {
  readonly name: string;
  readonly body: unknown;
}

/**
 * https://docs.aws.amazon.com/mwaa/latest/API/API_InvokeRestApi.html
 *
 * MWAA puts `/api/v1` (Airflow 2) or `/api/v2` before the path, so that nothing beside that prefix can be
 * called. Whether it passes a list on as a repeated key is not known; here it does.
 */
const invokeRestApi: Operation<AirflowContext> = {
  name: 'InvokeRestApi',
  async call(input, { airflow, clock }) {
    const { name, body } = input as NamedRequest;
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) {
      throw new AwsError('ValidationException', describeIssues(parsed.error, body));
    }
    const server = Object.hasOwn(airflow, name) ? airflow[name] : undefined;
    if (server === undefined) {
      throw new AwsError('ResourceNotFoundException', `Environment ${name} not found`, {
        httpStatus: 404,
      });
    }
    const { Path: path, Method: method, QueryParameters: query = {} } = parsed.data;
    const request = { method, path, query };
    const fault = server.fault?.(request);
    if (fault instanceof Error) throw fault;
    const answer =
      fault ??
      (await server.ask?.(request)) ??
      answerRestRequest(server, server.stateAt(clock.nowEpochMs()), request);
    return answer.status < 400
      ? { RestApiStatusCode: answer.status, RestApiResponse: answer.body }
      : refusedByAirflow(answer);
  },
};

/** What Airflow refuses is an error of MWAA, with Airflow's status and answer inside. */
function refusedByAirflow({ status, body }: RestAnswer): never {
  const code = status < 500 ? 'RestApiClientException' : 'RestApiServerException';
  const details = { RestApiStatusCode: status, RestApiResponse: body };
  throw new AwsError(code, '', { details });
}

/** Answers `POST /restapi/{Name}`, with or without the host prefix `env.`. */
export async function answerInvokeRestApi(
  { path, body }: Pick<HttpRequest, 'path' | 'body'>,
  context: AirflowContext,
): Promise<HttpAnswer> {
  const contentType = 'application/json';
  try {
    const name = decodeURIComponent(restApiPath.exec(path)?.[1] ?? '');
    const output = await callOperation(invokeRestApi, { name, body: jsonOf(body) }, context);
    return { status: 200, contentType, body: JSON.stringify(output) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const isOfAirflow = error.code.startsWith('RestApi');
    return {
      status: error.httpStatus,
      contentType,
      headers: { 'x-amzn-errortype': error.code },
      body: JSON.stringify(isOfAirflow ? error.details : { message: error.message }),
    };
  }
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AwsError('ValidationException', `the body is not JSON: ${String(error)}`, {
      cause: error,
    });
  }
}
