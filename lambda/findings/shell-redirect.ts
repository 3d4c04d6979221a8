import type { OpenShellCommand } from './open-shell-command.ts';
import type { ShellText } from './shell-text.ts';

/** What a redirection makes of the word behind it. */
export type Redirect =
  | { readonly kind: 'output'; readonly descriptor: string }
  | { readonly kind: 'input' | 'here-string' }
  | { readonly kind: 'here-document'; readonly stripsTabs: boolean };

/**
 * Reads the rest of a redirection's operator.
 *
 * @param first its arrow, which has been read
 * @param descriptor what stood before it: a digit, `&`, or nothing
 */
export function readRedirect(text: ShellText, first: string, descriptor: string): Redirect {
  const operator = first + (text.match(/[<>|-]*/y) ?? '');
  if (operator === '<<<') return { kind: 'here-string' };
  if (operator.startsWith('<<')) {
    return { kind: 'here-document', stripsTabs: operator.endsWith('-') };
  }
  return operator.startsWith('>') ? { kind: 'output', descriptor } : { kind: 'input' };
}

/** Follows where standard output and error go: `> file`, `2> file`, `2>&1`, `&> file`. */
export function redirectOutput(command: OpenShellCommand, descriptor: string, goal: string): void {
  if (descriptor === '2') command.silenced = goal === '&1' ? command.outputIsAway : goal !== '&2';
  else if (descriptor === '&' || (descriptor === '' && /^&[^12-]/.test(goal))) {
    command.outputIsAway = true;
    command.silenced = true;
  } else if (descriptor === '' || descriptor === '1') {
    command.outputIsAway = goal === '&2' ? command.silenced : goal !== '&1';
  }
}
