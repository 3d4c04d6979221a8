/** The five log types of an MWAA environment, spelled as in its log group names. */
export const logTypes = ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'] as const;

export type LogType = (typeof logTypes)[number];

/** What can be said of a log type in an environment's file. */
export const logTypeDuties = [
  /** It is published at INFO and writes all the time: without events its log group is blind. */
  'never-silent',
  /** It is published at INFO: otherwise its log group is blind. Silence may be peace. */
  'required',
  /** It may be switched off, set above INFO or have no log group: nobody is rung for that. */
  'optional',
] as const;

export type LogTypeDuty = (typeof logTypeDuties)[number];
export type DutiesOfLogTypes = Readonly<Record<LogType, LogTypeDuty>>;

/** DAGProcessing and Scheduler write all the time, whether a DAG runs or not. */
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
