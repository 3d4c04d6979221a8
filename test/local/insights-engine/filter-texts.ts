import fc from 'fast-check';

/** Pieces that the filters search for, and near misses of them. */
const pieces = [
  ...['add-role', 'add', '-role', 'ADD-ROLE', 'User "ann"', 'User', 'added to role', 'role'],
  ...['users create', 'users  create', 'delete', 'x', 'y', ' ', '\n', '"', '\\"', 'ä', 'K', 'ſ'],
];
/** Messages of those pieces. */
export const anyMessage = fc
  .array(fc.constantFrom(...pieces), { maxLength: 6 })
  .map((parts) => parts.join(''));

const match = fc.constantFrom(
  '@message like "add-role"',
  '@message like /add-role/',
  '@message like /(?i)add-role/',
  '@message like /User \\\\?"[^"]+\\\\?" added/',
  '@message like /users\\s+(create|delete)/',
  '@message like /x|yy?|role$/',
  '@message like /(add|users) ?(-role|create)?/',
  '@message like /[kK]|ä/',
  '@message like /(?i)k+s?/',
  '@message not like "x"',
  'strcontains(@message, "User")',
  '@message = "x"',
  '@log like /Task$/',
  'strlen(@message) > 9',
);
/** Conditions with and without strings that every matching message contains. */
export const anyFilter = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    match,
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} and ${b})`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} or ${b})`),
    tie('any').map((a) => `not (${a})`),
  ),
})).any;
