/** The five log types of an MWAA environment, spelled as in its log group names. */
export const logTypes = ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'] as const;

export type LogType = (typeof logTypes)[number];

/** These two write all the time, whether a DAG runs or not; silence of the others may be peace. */
export const alwaysWriting: readonly LogType[] = ['DAGProcessing', 'Scheduler'];

/** The log group that MWAA writes a log type to. */
export function logGroupName(mwaaEnvironment: string, logType: LogType): string {
  return `airflow-${mwaaEnvironment}-${logType}`;
}
