import { fileURLToPath } from 'node:url';

/** A session that is part of the project; see sessions/README.md. */
export interface RecordedSession {
  readonly path: string;
  readonly title: string;
}

/** By Airflow version. */
export const recordedSessions: ReadonlyMap<string, RecordedSession> = new Map(
  ['2.10.3', '3.0.6'].map((version) => [
    version,
    {
      path: fileURLToPath(new URL(`../sessions/airflow-${version}.ndjson.gz`, import.meta.url)),
      title: `the recorded session of Apache Airflow ${version}`,
    },
  ]),
);
