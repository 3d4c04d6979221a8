import { z } from 'zod';
import { classifyAwsError } from '../../lambda/aws/call-aws.ts';
import { getFromMwaa } from '../../lambda/aws/mwaa-request.ts';
import { retryUntil } from '../../lambda/common/retry.ts';
import { deadlineIn, systemTimer } from '../../lambda/common/time.ts';
import { didYouMean } from '../../queries/tools/nearest-names.ts';
import type { Part } from '../shapes/log-shapes.ts';
import { environmentShape, type MwaaEnvironment } from '../shapes/service-shapes.ts';
import { type Ask, allPages } from './ask.ts';
import { type DoctorClients, ObserveError } from './aws-access.ts';

const requestTimeoutMs = 10_000;
const patienceMs = 20_000;
const backoff = { firstMs: 200, factor: 2, maxMs: 5_000 };

const answerShape = z
  .object({ Environment: environmentShape })
  .transform(({ Environment }) => Environment);

const listShape = z.object({
  Environments: z.array(z.string()).optional(),
  NextToken: z.string().nullish(),
});

type Mwaa = Pick<DoctorClients, 'mwaa'>;

export function getEnvironment(
  ask: Ask,
  clients: Mwaa,
  name: string,
): Promise<Part<MwaaEnvironment>> {
  return ask('airflow:GetEnvironment', answerShape, () =>
    get(clients, `/environments/${encodeURIComponent(name)}`),
  );
}

/** The names of the account's environments in this Region. */
export function listEnvironments(ask: Ask, clients: Mwaa): Promise<Part<string[]>> {
  return ask('airflow:ListEnvironments', z.array(z.string()), () =>
    allPages(async (token) => {
      const query = token === undefined ? '' : `?NextToken=${encodeURIComponent(token)}`;
      const page = listShape.parse(await get(clients, `/environments${query}`));
      return { items: page.Environments, next: page.NextToken ?? undefined };
    }),
  );
}

/** Retries when MWAA throttles or does not answer, as SDK clients do. */
function get({ mwaa }: Mwaa, path: string): Promise<unknown> {
  return retryUntil(
    () => getFromMwaa(mwaa, path, requestTimeoutMs),
    { timer: systemTimer, random: Math.random },
    {
      deadline: deadlineIn(systemTimer, patienceMs),
      backoff,
      worthRetrying: (error, failures) =>
        failures < 4 && ['throttled', 'lost-answer'].includes(classifyAwsError(error)),
    },
  );
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
const credentialErrors = [
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
];

/** No connection, no answer in time, or none before the deadline. */
const silences = ['MwaaUnreachableError', 'TimeoutError', 'DeadlineError'];

/** Whether an error of this name means that there are no credentials, or that AWS rejects them. */
export function isCredentialError(name: string): boolean {
  return credentialErrors.includes(name);
}

type Access = Pick<DoctorClients, 'mwaa' | 'region'>;

/**
 * Throws if GetEnvironment shows that nothing can be observed. After any other failure of it, other
 * calls can still be answered.
 *
 * @param otherNames names that the user has for environments, and may have meant
 * @throws ObserveError if there is no such environment, and as `refuseUnheard`
 */
export async function refuseUnusable(
  ask: Ask,
  clients: Access,
  mwaaEnvironment: string,
  environment: Part<MwaaEnvironment>,
  otherNames: readonly string[] = [],
): Promise<void> {
  if (isNotFound(environment)) {
    const there = await listEnvironments(ask, clients);
    const names = [...(there.kind === 'known' ? there.value : []), ...otherNames];
    throw new ObserveError(
      `there is no MWAA environment ${mwaaEnvironment} in ${clients.region}${didYouMean(mwaaEnvironment, names)}: ${whatIsThere(there)}`,
    );
  }
  refuseUnheard(clients, environment);
}

/** Whether MWAA answered that there is no such environment. */
export function isNotFound(environment: Part<MwaaEnvironment>): boolean {
  return (
    environment.kind === 'failed' && environment.error.startsWith('ResourceNotFoundException:')
  );
}

/**
 * Throws if GetEnvironment shows that no call can succeed.
 *
 * @throws ObserveError if AWS rejects the credentials, or MWAA does not answer
 */
export function refuseUnheard({ region }: Access, environment: Part<MwaaEnvironment>): void {
  if (environment.kind !== 'failed') return;
  const [name = ''] = environment.error.split(':');
  if (isCredentialError(name)) {
    throw new ObserveError(
      `AWS rejects the credentials (${environment.error}): log in again, and check that the Region ${region} is enabled for the account`,
    );
  }
  if (silences.includes(name)) {
    throw new ObserveError(
      `MWAA does not answer in ${region} (${environment.error}): check that MWAA is available in this Region (--region), and that the network allows outgoing connections`,
    );
  }
}

function whatIsThere(there: Part<string[]>): string {
  if (there.kind !== 'known') return 'check the name, or give another --region';
  return there.value.length === 0
    ? 'this Region has no environments; give another --region'
    : `this Region has ${there.value.join(', ')}; for another Region, give --region`;
}
