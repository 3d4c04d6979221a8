import { type Check, withEnvironment } from '../../facts/check.ts';
import { notice, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

/** Versions that MWAA offers in 2026. https://docs.aws.amazon.com/mwaa/latest/userguide/airflow-versions.html */
const offered = new Set([
  '2.7.2',
  '2.8.1',
  '2.9.2',
  '2.10.1',
  '2.10.3',
  '2.11.0',
  '2.11.2',
  '3.0.6',
  '3.2.1',
  '3.3.1',
]);

/** https://github.com/aws/amazon-mwaa-docker-images/issues/370, open since 2025-12. */
const dagFilesOfAirflow3 =
  'with Airflow 3, MWAA reportedly does not write to the DAGProcessing log group what a DAG file logs while it is parsed (aws/amazon-mwaa-docker-images#370): a change made at that time may leave no log line. Watch the version history of the DAG bucket';

export const airflowVersion: Check = {
  id: 'airflow-version',
  area: 'environment',
  title: 'The log lines of its Airflow version are known',
  meaning:
    'The detections know the log lines of certain Airflow versions; another version may word them differently.',
  look: withEnvironment(({ AirflowVersion }) => {
    if (AirflowVersion === undefined) {
      return [unanswered('airflow:GetEnvironment', 'AirflowVersion')];
    }
    const evidence = `it runs Apache Airflow ${AirflowVersion}`;
    const notices = AirflowVersion.startsWith('3.') ? [notice(dagFilesOfAirflow3)] : [];
    if (offered.has(AirflowVersion)) return [pass(evidence), ...notices];
    return [
      ...notices,
      warn(
        evidence,
        toDo(
          'Make a privilege change, replay the logs of that time, and check that the change is found.',
          'npx privilege-monitor replay --logs PATH',
        ),
      ),
    ];
  }),
};
