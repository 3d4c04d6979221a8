import type { Part } from '../part.ts';
import type { MwaaEnvironment } from '../shapes/mwaa.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';
import { listEnvironments } from './mwaa.ts';
import { ObserveError } from './observe-error.ts';

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

/** No connection, no answer in time, or none in all the time there was. */
const silences = ['MwaaUnreachableError', 'TimeoutError', 'DeadlineError'];

/** Whether an error of this name says that there are no credentials, or none that AWS accepts. */
export function isCredentialError(name: string): boolean {
  return credentialErrors.includes(name);
}

type Access = Pick<DoctorClients, 'mwaa' | 'region'>;

/**
 * Ends the work when GetEnvironment says that there is nothing to look at. Any other failure of it
 * leaves something that can be asked.
 *
 * @throws ObserveError
 */
export async function refuseUnusable(
  ask: Ask,
  clients: Access,
  mwaaEnvironment: string,
  environment: Part<MwaaEnvironment>,
): Promise<void> {
  if (isNotFound(environment)) {
    throw new ObserveError(
      `there is no MWAA environment ${mwaaEnvironment} in ${clients.region}: ${await whatIsThere(ask, clients)}`,
    );
  }
  refuseUnheard(clients, environment);
}

/** Whether MWAA says that it has no such environment. */
export function isNotFound(environment: Part<MwaaEnvironment>): boolean {
  return (
    environment.kind === 'failed' && environment.error.startsWith('ResourceNotFoundException:')
  );
}

/**
 * Ends the work when GetEnvironment shows that nobody can be asked.
 *
 * @throws ObserveError for credentials that AWS does not accept, and where MWAA gives no answer
 */
export function refuseUnheard({ region }: Access, environment: Part<MwaaEnvironment>): void {
  if (environment.kind !== 'failed') return;
  const [name = ''] = environment.error.split(':');
  if (isCredentialError(name)) {
    throw new ObserveError(
      `AWS does not accept the credentials (${environment.error}): log in again, and see that the Region ${region} is enabled for the account`,
    );
  }
  if (silences.includes(name)) {
    throw new ObserveError(
      `MWAA gives no answer in ${region} (${environment.error}): see that this is a Region with MWAA (--region), and that the network lets you out`,
    );
  }
}

async function whatIsThere(ask: Ask, clients: Access): Promise<string> {
  const there = await listEnvironments(ask, clients);
  if (there.kind !== 'known') return 'check the name, or give another --region';
  return there.value.length === 0
    ? 'there is none at all in this Region; give another --region'
    : `those in this Region are ${there.value.join(', ')}; for another give --region`;
}
