import fc from 'fast-check';

const blank = fc.constantFrom(' ', '\n', '  ', ' # note\n');

const operator = fc.constantFrom('and', 'or', '=', '!=', '<', '>=', '+', '-', '*', '^');

/** Conditions that a detection may use, with varied layout. */
export const { condition: conditionText } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.constantFrom('@message', '@log', '( @logStream )', '"s # t"', "'it\\'s'", '12', '1.5e3'),
    fc
      .tuple(tie('condition'), blank, operator, blank, tie('condition'))
      .map((parts) => parts.join('')),
    tie('condition').map((inner) => `(${inner})`),
    tie('condition').map((inner) => `(not (${inner}))`),
    tie('condition').map((inner) => `-(${inner})`),
    tie('condition').map((inner) => `((${inner}) like /a\\/(b|c)/)`),
    tie('condition').map((inner) => `((${inner}) =~ /User \\\\?"[^"]+"/)`),
    tie('condition').map((inner) => `((${inner}) not like "x")`),
    fc
      .tuple(tie('condition'), tie('condition'))
      .map(([one, list]) => `((${one}) not in [${list}, 1])`),
  ),
}));
