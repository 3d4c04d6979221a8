import { type Check, readSecretsBackend, withEnvironment } from '../../facts/facts.ts';
import {
  awsCommand,
  fail,
  notice,
  pass,
  shellJson,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';

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

export const teams: Check = {
  id: 'teams',
  area: 'environment',
  title: 'Only one team writes its DAGs',
  meaning:
    'Airflow is not multi-tenant: the author of a DAG can reach everything that the environment can. More teams, with their buckets, mean more people who can.',
  look: withEnvironment(({ Teams, IdentityCenterConfiguration }) => {
    const named = Object.entries(Teams ?? {});
    if (named.length === 0 && IdentityCenterConfiguration === undefined) {
      return [pass('it has no teams, and no IAM Identity Center')];
    }
    const parts = named.map(
      ([name, { SourceBucketArn = 'an unnamed bucket', DagS3Path = '' }]) =>
        `team ${name} writes DAGs to ${SourceBucketArn}/${DagS3Path}`,
    );
    if (IdentityCenterConfiguration) {
      parts.push(
        `people log in through IAM Identity Center ${IdentityCenterConfiguration.IdentityStoreId ?? ''}`.trim(),
      );
    }
    return [
      warn(
        parts.join('; '),
        toDo(
          'Give each team its own environment if you can. The bucket checks cover each team’s bucket, and the groups of the identity store show who is in a team.',
          `aws identitystore list-groups --identity-store-id ${IdentityCenterConfiguration?.IdentityStoreId ?? 'STORE'}`,
        ),
      ),
    ];
  }),
};

const managed = [
  'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
  'airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend',
];

export const secretsBackend: Check = {
  id: 'secrets-backend',
  area: 'environment',
  title: 'Secrets are stored in Secrets Manager',
  meaning:
    'The author of a DAG can change connections in Airflow’s own database. Secrets Manager does not stop DAGs from reading secrets; it stops them from changing those that the environment uses.',
  look: withEnvironment((environment, { observed }) => {
    const backend = readSecretsBackend(environment);
    if (backend && managed.includes(backend.className))
      return [pass(`the backend is ${backend.className}`)];
    const options = {
      'secrets.backend': managed[0],
      'secrets.backend_kwargs':
        '{"connections_prefix": "airflow/connections", "variables_prefix": "airflow/variables"}',
    };
    return [
      warn(
        backend
          ? `the secrets backend is ${backend.className}, which the doctor does not know`
          : 'there is no secrets backend: connections and variables are in the metadata database',
        toDo(
          'Configure Secrets Manager as the backend, give the execution role secretsmanager:GetSecretValue on these prefixes, and move the connections. The command replaces all options: add your other ones to these two.',
          awsCommand(
            observed,
            'mwaa update-environment',
            `--name ${observed.mwaaEnvironment}`,
            `--airflow-configuration-options ${shellJson(options)}`,
          ),
        ),
      ),
    ];
  }),
};
