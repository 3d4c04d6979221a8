import { describeError, errorCharactersMax } from '../../lambda/common/log.ts';
import { abridged } from '../../lambda/common/text.ts';
import { UserError } from './output.ts';

/** Names of errors that mean that there are no credentials, or that AWS rejects them. */
const credentialErrors = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'AuthFailure',
]);

const deniedErrors = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);

/**
 * Turns a failure of the first AWS call into a UserError if the user can fix its cause.
 *
 * @returns the error itself if it has another cause
 */
export function firstCallError(error: unknown, action: string): unknown {
  if (!(error instanceof Error)) return error;
  const said = (what: string) =>
    new UserError(`${what}: ${abridged(error.message, errorCharactersMax)}`, { cause: error });
  if (credentialErrors.has(error.name)) return said('no valid AWS credentials were found');
  if (deniedErrors.has(error.name)) return said(`these credentials may not call ${action}`);
  if (/^Region is missing/.test(error.message)) {
    return said('no Region is configured; set AWS_REGION, or region in environments/<name>.yaml');
  }
  // Node's own errors for a name that does not resolve or a host that does not answer.
  if ('code' in error && typeof error.code === 'string') return said('AWS cannot be reached');
  return error;
}

/** Describes an error of a later call as the failure of a step, with a fix. */
export function callFailure(error: unknown, permission: string): { detail: string; fix: string } {
  const [name, message] =
    error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
  const detail = describeError(error);
  if (/^KMS/i.test(name) || /\bkms:/i.test(message)) {
    return {
      detail,
      fix: "you need kms:GenerateDataKey* and kms:Decrypt on the topic's key; the scanner's own role has them",
    };
  }
  if (deniedErrors.has(name) || name.startsWith('AuthorizationError')) {
    return { detail, fix: `you need ${permission}` };
  }
  return { detail, fix: 'see docs/runbooks/send-test.md' };
}
