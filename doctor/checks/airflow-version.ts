import { type Check, withEnvironment } from '../check.ts';
import { pass, toDo, unanswered, warn } from '../judgement.ts';

/** What MWAA offers in 2026: https://docs.aws.amazon.com/mwaa/latest/userguide/airflow-versions.html */
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

export const airflowVersion: Check = {
  id: 'airflow-version',
  area: 'environment',
  title: 'Its version of Airflow is one whose log lines are known',
  meaning:
    'The detections know the log lines of certain versions of Airflow; another one may word them otherwise.',
  look: withEnvironment(({ AirflowVersion }) => {
    if (AirflowVersion === undefined) {
      return [unanswered('airflow:GetEnvironment', 'AirflowVersion')];
    }
    const evidence = `it runs Apache Airflow ${AirflowVersion}`;
    if (offered.has(AirflowVersion)) return [pass(evidence)];
    return [
      warn(
        evidence,
        toDo(
          'Replay some of its logs, with a privilege change of yours in them, and see whether it is found.',
          'npx privilege-monitor replay --logs PATH',
        ),
      ),
    ];
  }),
};
