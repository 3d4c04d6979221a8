import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AlarmBook } from '../alarms/alarm-book.ts';
import { localPlace } from '../aws-place.ts';
import { wallClock } from '../clock.ts';
import { MetricRecorder } from '../metric-recorder.ts';
import { NotificationRecorder } from '../notification-recorder.ts';
import type { AwsEndpointsOptions } from './aws-endpoints-options.ts';
import { type EndpointContext, handleRequest } from './handle-request.ts';
import { QueryStore } from './logs/query-store.ts';
import { DynamoTables } from './services/dynamo-tables.ts';

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
 * hand), SNS, DynamoDB, CloudFormation DescribeStacks and MWAA GetEnvironment over HTTP on
 * 127.0.0.1, as the AWS SDKs call them. Signatures are not checked.
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
    topicArns: options.topicArns && new Set(options.topicArns),
    endTime: options.endTime ?? 'second',
    queryFault: options.queryFault ?? (() => undefined),
    queries: new QueryStore(),
    metrics: new MetricRecorder(),
    notifications,
    logGroupSettings: new Map(Object.entries(options.logGroupSettings ?? {})),
    subscriptions: options.subscriptions ?? [],
    stacks: options.stacks ?? {},
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
