import * as z from 'zod/mini';
import { describeIssues } from '../../../lambda/common/parse-input.ts';

const numberOrNamed = z.union([z.number(), z.object({ name: z.string(), of: z.enum(['a', 'b']) })]);

function issuesOf(schema: z.ZodMiniType, input: unknown): string | undefined {
  const { error } = schema.safeParse(input);
  return error && describeIssues(error, input);
}

test.each([
  [{ name: 'x', of: 'c' }, 'of: expected one of "a"|"b", got "c"'],
  [{ name: 1, of: 'b' }, 'name: expected string, got 1'],
  ['x', 'the input: expected number, got "x"'],
])('of a union, %j gets the rules of the option that is closest', (input, issues) => {
  expect(issuesOf(numberOrNamed, input)).toBe(issues);
});

test('the rules of a union inside a union have the whole path', () => {
  const schema = z.object({ at: z.union([z.boolean(), z.object({ inner: numberOrNamed })]) });

  expect(issuesOf(schema, { at: { inner: { name: 'x', of: 'c' } } })).toBe(
    'at.inner.of: expected one of "a"|"b", got "c"',
  );
});

test('a value of another type than all options breaks the rule of the union, if it has one', () => {
  const rule = 'must be true, or a name of letters';
  const schema = z.union([z.boolean(), z.string().check(z.regex(/^[a-z]+$/, 'letters'))], rule);
  expect(issuesOf(schema, 1)).toBe(`the input: ${rule}, got 1`);
  expect(issuesOf(schema, null)).toBe(`the input: ${rule}, got null`);
  expect(issuesOf(schema, '1')).toBe('the input: letters, got "1"');
});
