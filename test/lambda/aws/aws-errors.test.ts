import { classifyAwsError } from '../../../lambda/aws/call-aws.ts';
import { awsError, windowError } from '../setup/monitor-fixture.ts';

function systemError(code: string): Error {
  return Object.assign(new Error('no connection'), { code });
}

test.each([
  ['throttled', awsError('ThrottlingException', 'Rate exceeded')],
  [
    'throttled',
    awsError('LimitExceededException', 'Account maximum query concurrency limit of [30] reached.'),
  ],
  ['throttled', awsError('ProvisionedThroughputExceededException', 'the table is too busy')],
  ['throttled', awsError('SomethingNew', 'slow down', 429)],
  ['unavailable', awsError('ServiceUnavailableException', 'away', 503)],
  ['unavailable', systemError('ECONNREFUSED')],
  ['unavailable', new Error('no answer', { cause: systemError('ENOTFOUND') })],
  ['lost-answer', awsError('InternalFailure', 'oops', 500)],
  ['lost-answer', awsError('TimeoutError')],
  ['lost-answer', systemError('ECONNRESET')],
  ['lost-answer', new Error('no answer', { cause: systemError('UND_ERR_SOCKET') })],
  ['denied', awsError('AccessDeniedException', 'not authorized', 400)],
  ['not-found', awsError('ResourceNotFoundException', "Log group 'x' does not exist")],
  ['no-data-possible', windowError],
  ['other', awsError('MalformedQueryException', 'unexpected symbol found sort')],
  ['other', awsError('InvalidParameterException')],
  ['other', awsError('ExpiredTokenException', 'expired', 403)],
  ['other', 'not an error'],
])('%s is what %s means', (kind, error) => {
  expect(classifyAwsError(error)).toBe(kind);
});
