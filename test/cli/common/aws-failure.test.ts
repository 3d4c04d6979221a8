import { callFailure, firstCallError } from '../../../cli/common/aws-failure.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });
const long = 'x'.repeat(100_000);

test('the reason of a failed step has the length limit of the monitor’s errors', () => {
  const cause = named('TimeoutError', long);
  const error = Object.assign(named('AuthorizationError', long), { cause });
  const { detail, fix } = callFailure(error, 'sns:Publish');
  expect(detail.length).toBeLessThan(1200);
  expect(detail).toMatch(/^AuthorizationError: x+.* <- TimeoutError: x+/);
  expect(fix).toBe('you need sns:Publish');
  expect(callFailure(long, 'sns:Publish').detail.length).toBeLessThan(700);
});

test.each(['ExpiredToken', 'AccessDenied'])(
  'so has the reason of a failed first call: %s',
  (name) => {
    const { message } = firstCallError(named(name, long), 'sns:Publish') as Error;
    expect(message.length).toBeLessThan(700);
    expect(firstCallError(named(name, 'short'), 'sns:Publish')).toMatchObject({
      message: expect.stringMatching(/: short$/),
    });
  },
);
