import { type Check, withEnvironment } from '../../facts/check.ts';
import { pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

export const webserverAccess: Check = {
  id: 'webserver-access',
  area: 'environment',
  title: 'The web server is private',
  meaning:
    'Anyone with a login token, which IAM controls, can reach a public web server from anywhere.',
  look: withEnvironment(({ WebserverAccessMode, EndpointManagement, AirflowVersion }, facts) => {
    if (WebserverAccessMode === undefined) {
      return [unanswered('airflow:GetEnvironment', 'WebserverAccessMode')];
    }
    const { mwaaEnvironment, region } = facts.observed;
    const evidence = `its web server is ${WebserverAccessMode}, its VPC endpoints are managed by ${EndpointManagement ?? 'SERVICE'}`;
    if (WebserverAccessMode === 'PRIVATE_ONLY') return [pass(evidence)];
    const tasks =
      WebserverAccessMode === 'PUBLIC_ONLY' && AirflowVersion?.startsWith('3.')
        ? ' Workers of Airflow 3 call the web server: with PUBLIC_ONLY and no NAT gateway, tasks fail and write no logs (the remedy from 3.2.1 on is PUBLIC_AND_PRIVATE).'
        : '';
    return [
      warn(
        evidence,
        toDo(
          `If people can reach the VPC, make it private.${tasks}`,
          `aws mwaa update-environment --region ${region} --name ${mwaaEnvironment} --webserver-access-mode PRIVATE_ONLY`,
        ),
      ),
    ];
  }),
};
