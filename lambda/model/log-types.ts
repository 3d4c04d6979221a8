/** The five log types of an MWAA environment, spelled as in its log group names. */
export const logTypes = ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'] as const;

export type LogType = (typeof logTypes)[number];

/** What an environment's file can expect of a log type. */
export const logTypeDuties = [
  /** It must be published at INFO and always writes: without events its log group is blind. */
  'never-silent',
  /** It must be published at INFO, otherwise its log group is blind. It may be silent. */
  'required',
  /** It may be switched off, set above INFO or have no log group, without an alarm. */
  'optional',
] as const;

export type LogTypeDuty = (typeof logTypeDuties)[number];
export type DutiesOfLogTypes = Readonly<Record<LogType, LogTypeDuty>>;

/** DAGProcessing and Scheduler always write, whether a DAG runs or not. */
export const defaultDuties: DutiesOfLogTypes = {
  DAGProcessing: 'never-silent',
  Scheduler: 'never-silent',
  Task: 'required',
  WebServer: 'required',
  Worker: 'required',
};

/** The log group that MWAA writes a log type to. */
export function logGroupName(mwaaEnvironment: string, logType: LogType): string {
  return `airflow-${mwaaEnvironment}-${logType}`;
}
