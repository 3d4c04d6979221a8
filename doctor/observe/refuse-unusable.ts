import type { Part } from '../part.ts';
import type { MwaaEnvironment } from '../shapes/mwaa.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';
import { listEnvironments } from './mwaa.ts';
import { ObserveError } from './observe-error.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
const credentialErrors = [
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

/**
 * Ends the doctor's work when GetEnvironment says that there is nothing to look at. Any other
 * failure of it leaves checks that can be made.
 *
 * @throws ObserveError
 */
export async function refuseUnusable(
  ask: Ask,
  clients: DoctorClients,
  mwaaEnvironment: string,
  environment: Part<MwaaEnvironment>,
): Promise<void> {
  if (environment.kind !== 'failed') return;
  const { region } = clients;
  const [name = ''] = environment.error.split(':');
  if (name === 'ResourceNotFoundException') {
    throw new ObserveError(
      `there is no MWAA environment ${mwaaEnvironment} in ${region}: ${await whatIsThere(ask, clients)}`,
    );
  }
  if (credentialErrors.includes(name)) {
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

async function whatIsThere(ask: Ask, clients: DoctorClients): Promise<string> {
  const there = await listEnvironments(ask, clients);
  if (there.kind !== 'known') return 'check the name, or give another --region';
  return there.value.length === 0
    ? 'there is none at all in this Region; give another --region'
    : `those in this Region are ${there.value.join(', ')}; for another give --region`;
}
