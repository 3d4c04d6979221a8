import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogType } from '../../lambda/model/log-types.ts';
import { AlarmBook } from '../alarms/alarm-book.ts';
import type { MetricAlarm } from '../alarms/metric-alarm.ts';
import { type AwsPlace, localPlace } from '../aws-place.ts';
import { type Clock, wallClock } from '../clock.ts';
import type { EndTimeReading } from '../insights-engine/engine-types.ts';
import { MetricRecorder, NotificationRecorder } from '../recorders.ts';
import type { LocalAirflow } from './airflow/airflow-state.ts';
import {
  type AirflowContext,
  answerInvokeRestApi,
  restApiPath,
} from './airflow/invoke-rest-api.ts';
import type { LogGroupSettings } from './logs/existing-logs.ts';
import {
  createLogGroup,
  createLogStream,
  deleteLogGroup,
  describeLogGroups,
  describeLogStreams,
  putRetentionPolicy,
} from './logs/log-group-operations.ts';
import { putLogEvents } from './logs/put-log-events.ts';
import type { QueryEngine } from './logs/query-engine.ts';
import { getQueryResults, startQuery, stopQuery } from './logs/query-operations.ts';
import { type QueriesContext, type QueryFaultRule, QueryStore } from './logs/query-store.ts';
import { filterLogEvents, getLogEvents } from './logs/read-log-events.ts';
import { AwsError } from './protocol/operation.ts';
import {
  type HttpAnswer,
  type HttpRequest,
  readRequest,
  textAnswer,
} from './protocol/read-request.ts';
import {
  answerJson,
  answerQuery,
  type JsonService,
  jsonError,
  type QueryService,
} from './protocol/wire-formats.ts';
import {
  type AlarmsContext,
  describeAlarmHistory,
  describeAlarms,
  setAlarmState,
} from './services/alarm-operations.ts';
import { DynamoTables, dynamoTargetPrefix } from './services/dynamo-tables.ts';
import {
  answerGetEnvironment,
  describeStacks,
  type EnvironmentsContext,
  environmentPath,
  type LogTypeConfiguration,
  type StackOutputs,
  type StacksContext,
} from './services/environment-operations.ts';
import { getMetricData, type MetricsContext } from './services/get-metric-data.ts';
import {
  answerInvoke,
  type FunctionsContext,
  invocationPath,
  type LocalFunction,
} from './services/invoke-function.ts';
import { putMetricData } from './services/put-metric-data.ts';
import {
  listSubscriptionsByTopic,
  publish,
  type Subscription,
  type TopicsContext,
} from './services/sns-operations.ts';

/** The data that the endpoints serve, and the state of the AWS account that they imitate. */
export interface AwsEndpointsOptions {
  /** An EventStoreEngine also lets clients create, read and delete log groups and events. */
  readonly engine: QueryEngine;
  /**
   * The current time in answers.
   *
   * @default - the wall clock
   */
  readonly clock?: Clock;
  /**
   * A port on 127.0.0.1; 0 picks a free one.
   *
   * @default 0
   */
  readonly port?: number;
  /**
   * The account and Region in ARNs and `@log`.
   *
   * @default - account 000000000000 in us-east-1
   */
  readonly place?: AwsPlace;
  /**
   * How far StartQuery's `endTime` reaches: AWS may read it either way.
   *
   * @default second
   */
  readonly endTime?: EndTimeReading;
  /**
   * Queries that StartQuery rejects, or that end as Failed.
   *
   * @default - only queries that the engine cannot run
   */
  readonly queryFault?: QueryFaultRule;
  /**
   * Overrides, by log type, of what GetEnvironment derives from the log groups.
   *
   * @default - a type is enabled at INFO when its log group exists, disabled when it does not
   */
  readonly environmentLogging?: Readonly<Partial<Record<LogType, Partial<LogTypeConfiguration>>>>;
  /**
   * The Airflow of environments, by their names, for InvokeRestApi and for the version that GetEnvironment
   * reports.
   *
   * @default - InvokeRestApi knows no environment
   */
  readonly airflow?: Readonly<Record<string, LocalAirflow>>;
  /**
   * Settings that DescribeLogGroups reports, by log group name.
   *
   * @default - events never expire, and no group has a key of its own
   */
  readonly logGroupSettings?: Readonly<Record<string, LogGroupSettings>>;
  /**
   * Topics that exist; Publish to any other topic is NotFound.
   *
   * @default - every topic exists
   */
  readonly topicArns?: readonly string[];
  /** @default - no topic has any */
  readonly subscriptions?: readonly Subscription[];
  /**
   * Stacks that DescribeStacks knows.
   *
   * @default - none
   */
  readonly stacks?: StackOutputs;
  /**
   * Alarms whose state SetAlarmState can set. They start in OK and are not evaluated here.
   *
   * @default - none
   */
  readonly alarms?: readonly MetricAlarm[];
  /**
   * By topic ARN, the error in the alarm history when an alarm cannot publish there.
   *
   * @default - they can publish to every topic
   */
  readonly brokenTopics?: ReadonlyMap<string, string>;
  /**
   * Functions that Invoke runs, by name.
   *
   * @default - none
   */
  readonly functions?: Readonly<Record<string, LocalFunction>>;
  /**
   * DynamoDB tables with the string keys `pk` and `sk`, in memory.
   *
   * @default - none, and DynamoDB requests are not answered
   */
  readonly tableNames?: readonly string[];
  /**
   * Called for an internal error, which the client sees as InternalFailure.
   *
   * @default - written to the standard error stream
   */
  readonly onInternalError?: (error: unknown, operation: string) => void;
}

/** What the operations of all services work on. */
interface EndpointContext
  extends QueriesContext,
    MetricsContext,
    AlarmsContext,
    TopicsContext,
    EnvironmentsContext,
    AirflowContext,
    StacksContext,
    FunctionsContext {
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
  Lambda           Invoke
  MWAA             GetEnvironment; InvokeRestApi when there is an Airflow
for AWS clients that use this address as their endpoint.`;

function namesOf(
  service: { readonly operations: readonly { readonly name: string }[] } | undefined,
): string {
  return (service?.operations ?? []).map(({ name }) => name).join(', ');
}

/** Answers one request; never rejects. */
async function handleRequest(
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
  if (method === 'POST' && restApiPath.test(path)) return answerInvokeRestApi(request, context);
  if (method === 'POST' && invocationPath.test(path)) return answerInvoke(request, context);
  if (method === 'GET' && path === '/') return textAnswer(200, whatIsHere);
  return textAnswer(404, `Nothing is served for ${method} ${path}.\n${whatIsHere}`);
}

function failure(error: unknown, context: EndpointContext): HttpAnswer {
  const contentType = 'application/x-amz-json-1.1';
  if (error instanceof AwsError) return jsonError(error, contentType);
  context.onInternalError(error, 'the HTTP server');
  return jsonError(new AwsError('InternalFailure', String(error)), contentType);
}

/** A running server that answers AWS clients on this machine. */
export interface AwsEndpoints {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL` or a client's `endpoint`. */
  readonly url: string;
  readonly port: number;
  /** Values received by PutMetricData. */
  readonly metrics: MetricRecorder;
  /** Messages received by Publish. */
  readonly notifications: NotificationRecorder;
  /** Closes open connections and frees the port. */
  close(): Promise<void>;
}

/**
 * Serves CloudWatch Logs (groups, streams, events and queries), CloudWatch (metrics, alarms set by
 * hand), SNS, DynamoDB, CloudFormation DescribeStacks, Lambda Invoke, MWAA GetEnvironment and InvokeRestApi
 * over HTTP on 127.0.0.1, as the AWS SDKs call them. Signatures are not checked.
 *
 * @throws Error naming the port when it is in use, or a table that cannot be created
 */
export async function startAwsEndpoints(options: AwsEndpointsOptions): Promise<AwsEndpoints> {
  const notifications = new NotificationRecorder();
  const context: EndpointContext = {
    engine: options.engine,
    clock: options.clock ?? wallClock,
    place: options.place ?? localPlace,
    environmentLogging: options.environmentLogging ?? {},
    airflow: options.airflow ?? {},
    topicArns: options.topicArns && new Set(options.topicArns),
    endTime: options.endTime ?? 'second',
    queryFault: options.queryFault ?? (() => undefined),
    queries: new QueryStore(),
    metrics: new MetricRecorder(),
    notifications,
    logGroupSettings: new Map(Object.entries(options.logGroupSettings ?? {})),
    subscriptions: options.subscriptions ?? [],
    stacks: options.stacks ?? {},
    functions: options.functions ?? {},
    alarms: new AlarmBook(options.alarms ?? [], notifications, options.brokenTopics),
    tables: options.tableNames && (await DynamoTables.open(options.tableNames)),
    onInternalError: options.onInternalError ?? writeInternalError,
  };
  const server = createServer((request, response) => {
    void handleRequest(request, response, context);
  });
  // A client that reuses a connection while the server closes it as idle gets no answer, and a
  // Publish without an answer is not retried. On a busy machine Node's five seconds pass within a
  // tick.
  server.keepAliveTimeout = 0;

  const port = options.port ?? 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    metrics: context.metrics,
    notifications: context.notifications,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  const reason =
    error.code === 'EADDRINUSE'
      ? 'it is in use; choose another port, or 0 for a free one'
      : error.code === 'EACCES'
        ? 'permission denied; choose a port above 1023, or 0 for a free one'
        : error.message;
  return new Error(`cannot listen on port ${port} of 127.0.0.1: ${reason}`, { cause: error });
}

function writeInternalError(error: unknown, operation: string): void {
  console.error(`internal error in ${operation}:`, error);
}
