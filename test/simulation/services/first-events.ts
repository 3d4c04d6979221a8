import type { GetLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';

/** The first lines of a task's log, as GetLogEvents answers: whom the DAG names as its owner. */
export function firstEvents({ logStreamName = '' }: GetLogEventsCommandInput): object {
  const dag = /^dag_id=([^/]+)/.exec(logStreamName)?.[1];
  const message = `Exporting env vars: AIRFLOW_CTX_DAG_OWNER='data' AIRFLOW_CTX_DAG_ID='${dag}'`;
  return { events: [{ message }] };
}
