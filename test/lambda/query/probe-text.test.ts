import type { AwsErrorKind } from '../../../lambda/aws/call-aws.ts';
import { textRefusalOf } from '../../../lambda/query/accepted-texts.ts';
import { QueryError } from '../../../lambda/query/query.ts';
import { awsError, windowError } from '../setup/monitor-fixture.ts';
import { malformed } from '../setup/refusing-aws.ts';

const text = 'fields @message | filter @message like /(?P/';
const failed = (cause: unknown, startFailure: AwsErrorKind = 'other') =>
  new QueryError('StartQuery failed', { cause, startFailure });

test("a refusal has AWS's message, and the part of the text that it points at", () => {
  expect(textRefusalOf(failed(malformed('missing )', 39, 43)), text)).toEqual({
    message: 'missing )',
    excerpt: 'characters 39 to 43: /(?P',
  });
});

test.each([
  ['is none', undefined],
  ['has no end', { location: { startCharOffset: 3 } }],
  ['is no number', { location: { startCharOffset: 'x', endCharOffset: 4 } }],
  ['lies before the text', { location: { startCharOffset: -4, endCharOffset: 4 } }],
])('if a position %s, the message comes without a part of the text', (_, queryCompileError) => {
  const error = Object.assign(awsError('MalformedQueryException', 'bad'), { queryCompileError });
  expect(textRefusalOf(failed(error), text)).toEqual({ message: 'bad' });
});

test('a long message is cut, with its length, and never inside a character', () => {
  const refusal = textRefusalOf(
    failed(malformed(`${'x'.repeat(481)}${'\u{1f600}'.repeat(100)}`, 0, 5_000)),
    text.repeat(9),
  );
  expect(refusal?.message).toBe(`${'x'.repeat(481)}… (681 characters)`);
  expect(refusal?.excerpt).toHaveLength(100);
});

test.each([
  ['a window outside of a log group’s life', failed(windowError, 'no-data-possible')],
  ['a throttled call', failed(awsError('ThrottlingException'), 'throttled')],
  ['a parameter', failed(awsError('InvalidParameterException'))],
  ['a query that had started', new QueryError('it ended', { cause: malformed('late') })],
])('%s is not a refusal of a text', (_, error) => {
  expect(textRefusalOf(error, text)).toBeUndefined();
});
