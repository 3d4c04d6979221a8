import { type Check, withEnvironment } from '../../facts/check.ts';
import { fail, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

/** https://docs.aws.amazon.com/mwaa/latest/API/API_Environment.html, `Status` */
const inProgress = new Set([
  'CREATING',
  'CREATING_SNAPSHOT',
  'UPDATING',
  'ROLLING_BACK',
  'MAINTENANCE',
]);
/** After UPDATE_FAILED, MWAA has rolled the environment back, and it runs. */
const running = new Set(['AVAILABLE', 'UPDATE_FAILED']);
const broken = new Set(['CREATE_FAILED', 'UNAVAILABLE', 'DELETING', 'DELETED']);

export const environmentStatus: Check = {
  id: 'environment-status',
  area: 'environment',
  title: 'The environment is available',
  meaning:
    'An environment that does not run writes no logs, and a half-created one may lack log groups.',
  look: withEnvironment(({ Status, LastUpdate }, { observed }) => {
    const { mwaaEnvironment, region } = observed;
    if (Status === undefined) return [unanswered('airflow:GetEnvironment', 'Status')];
    const { Error: cause } = LastUpdate ?? {};
    const why = cause ? ` (${cause.ErrorCode ?? 'no code'}: ${cause.ErrorMessage ?? ''})` : '';
    const evidence = `its status is ${Status}; the last update is ${LastUpdate?.Status ?? 'none'}${why}`;
    const look = `aws mwaa get-environment --region ${region} --name ${mwaaEnvironment} --query 'Environment.[Status,LastUpdate]'`;
    if (running.has(Status)) {
      if (Status === 'AVAILABLE' && LastUpdate?.Status !== 'FAILED') return [pass(evidence)];
      return [
        warn(
          evidence,
          toDo('The last update failed and was rolled back: fix its cause, and repeat it.', look),
        ),
      ];
    }
    if (Status === 'PENDING') {
      return [
        fail(
          evidence,
          toDo(
            'It waits for VPC endpoints that you manage yourself: create them for both endpoint services.',
            `aws mwaa get-environment --region ${region} --name ${mwaaEnvironment} --query 'Environment.[DatabaseVpcEndpointService,WebserverVpcEndpointService]'`,
          ),
        ),
      ];
    }
    if (broken.has(Status)) {
      return [
        fail(
          evidence,
          toDo('Fix the cause, or recreate the environment; then run the doctor again.', look),
        ),
      ];
    }
    const text = inProgress.has(Status)
      ? 'Wait until it is AVAILABLE, and run the doctor again.'
      : 'The doctor does not know this status: look it up in MWAA’s API reference.';
    return [warn(evidence, toDo(text, look))];
  }),
};
