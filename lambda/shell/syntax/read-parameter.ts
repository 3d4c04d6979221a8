import type { ShellBuilder } from './shell-builder.ts';
import type { ShellText } from './shell-text.ts';

const parameter = /\{[#!]?(?:[A-Za-z_]\w*|[0-9]+|[@*?$!-])?(?:\[[^\]\n]*\])?/y;
const operators = /:?[-=+?]|[#%/^,@:~*]{1,2}/y;

/**
 * Reads `${NAME}`, `${NAME:-other}` and the like from the brace on. An operand is opened, and is
 * read as what comes next.
 *
 * @param quoted whether it is inside double quotes
 */
export function readParameter(text: ShellText, builder: ShellBuilder, quoted: boolean): void {
  const written = text.match(parameter) ?? text.next();
  const [, prefix = '', name = '', index = ''] = /^\{([#!]?)([^[]*)(.*)$/s.exec(written) ?? [];
  const isWhole = index === '' || index === '[@]' || index === '[*]';
  // `${#}` is the number of arguments, `${!}` the last job.
  const operator = name === '' || prefix === '' ? (isWhole ? '' : '[') : prefix;
  if (text.accept('}')) {
    const part = { kind: 'variable', name: name || prefix, quoted, operand: [] } as const;
    builder.word.appendPart(operator === '' ? part : { ...part, operator });
    return;
  }
  const own = text.match(operators) ?? '?';
  builder.openOperand({ name, operator: operator || own, quoted, closer: '}' });
}
