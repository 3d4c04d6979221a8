import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeLogGroups } from './logs/describe-log-groups.ts';
import { describeLogStreams } from './logs/describe-log-streams.ts';
import { filterLogEvents } from './logs/filter-log-events.ts';
import { getLogEvents } from './logs/get-log-events.ts';
import { getQueryResults } from './logs/get-query-results.ts';
import {
  createLogGroup,
  createLogStream,
  deleteLogGroup,
  putRetentionPolicy,
} from './logs/log-group-operations.ts';
import { putLogEvents } from './logs/put-log-events.ts';
import type { QueriesContext } from './logs/query-store.ts';
import { startQuery } from './logs/start-query.ts';
import { stopQuery } from './logs/stop-query.ts';
import { AwsError } from './protocol/aws-error.ts';
import { answerJson, type JsonService, jsonError } from './protocol/aws-json.ts';
import { answerQuery, type QueryService } from './protocol/aws-query.ts';
import { type HttpAnswer, type HttpRequest, textAnswer } from './protocol/http-answer.ts';
import { readRequest } from './protocol/read-request.ts';
import {
  type AlarmsContext,
  describeAlarmHistory,
  describeAlarms,
  setAlarmState,
} from './services/alarm-operations.ts';
import { describeStacks, type StacksContext } from './services/describe-stacks.ts';
import { type DynamoTables, dynamoTargetPrefix } from './services/dynamo-tables.ts';
import {
  answerGetEnvironment,
  type EnvironmentsContext,
  environmentPath,
} from './services/get-environment.ts';
import { getMetricData, type MetricsContext } from './services/get-metric-data.ts';
import {
  listSubscriptionsByTopic,
  type TopicsContext,
} from './services/list-subscriptions-by-topic.ts';
import { publish } from './services/publish.ts';
import { putMetricData } from './services/put-metric-data.ts';

/** What the operations of all services work on. */
export interface EndpointContext
  extends QueriesContext,
    MetricsContext,
    AlarmsContext,
    TopicsContext,
    EnvironmentsContext,
    StacksContext {
  /** Undefined when there are none. */
  readonly tables: DynamoTables | undefined;
}

const jsonServices: readonly JsonService<EndpointContext>[] = [
  {
    targetPrefix: 'Logs_20140328',
    contentType: 'application/x-amz-json-1.1',
    operations: [
      ...[startQuery, getQueryResults, stopQuery, describeLogGroups, describeLogStreams],
      ...[createLogGroup, deleteLogGroup, putRetentionPolicy, createLogStream],
      ...[putLogEvents, filterLogEvents, getLogEvents],
    ],
  },
  {
    targetPrefix: 'GraniteServiceVersion20100801',
    contentType: 'application/x-amz-json-1.0',
    operations: [putMetricData, getMetricData, setAlarmState, describeAlarms, describeAlarmHistory],
  },
];

const formServices: readonly QueryService<EndpointContext>[] = [
  {
    name: 'SNS',
    apiVersion: '2010-03-31',
    namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    operations: [publish, listSubscriptionsByTopic],
  },
  {
    name: 'CloudFormation',
    apiVersion: '2010-05-15',
    namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    operations: [describeStacks],
  },
];

const whatIsHere = `This is a local stand-in for a few AWS endpoints. It answers
  CloudWatch Logs  ${namesOf(jsonServices[0])}
  CloudWatch       ${namesOf(jsonServices[1])}
  SNS              ${namesOf(formServices[0])}
  CloudFormation   ${namesOf(formServices[1])}
  DynamoDB         when there are tables
  MWAA             GetEnvironment
for AWS clients that use this address as their endpoint.`;

function namesOf(
  service: { readonly operations: readonly { readonly name: string }[] } | undefined,
): string {
  return (service?.operations ?? []).map(({ name }) => name).join(', ');
}

/** Answers one request; never rejects. */
export async function handleRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  context: EndpointContext,
): Promise<void> {
  let answer: HttpAnswer;
  try {
    answer = await route(await readRequest(incoming), context);
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) return; // the client went away
    answer = failure(error, context);
  }
  response.writeHead(answer.status, { 'content-type': answer.contentType, ...answer.headers });
  response.end(answer.body);
}

function route(request: HttpRequest, context: EndpointContext): Promise<HttpAnswer> | HttpAnswer {
  const { method, path, headers } = request;
  const target = headers['x-amz-target'];
  if (method === 'POST' && typeof target === 'string') {
    if (context.tables && target.startsWith(dynamoTargetPrefix))
      return context.tables.answer(request);
    return answerJson(request, target, jsonServices, context);
  }
  if (method === 'POST' && headers['content-type']?.includes('application/x-www-form-urlencoded')) {
    return answerQuery(request, formServices, context);
  }
  if (method === 'GET' && environmentPath.test(path)) return answerGetEnvironment(path, context);
  if (method === 'GET' && path === '/') return textAnswer(200, whatIsHere);
  return textAnswer(404, `Nothing is served for ${method} ${path}.\n${whatIsHere}`);
}

function failure(error: unknown, context: EndpointContext): HttpAnswer {
  const contentType = 'application/x-amz-json-1.1';
  if (error instanceof AwsError) return jsonError(error, contentType);
  context.onInternalError(error, 'the HTTP server');
  return jsonError(new AwsError('InternalFailure', String(error)), contentType);
}
