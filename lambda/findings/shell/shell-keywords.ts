import type { ShellGroup } from './shell-syntax.ts';

const openers: Readonly<Record<string, ShellGroup['kind']>> = {
  '{': 'braces',
  if: 'if',
  while: 'loop',
  until: 'loop',
  for: 'loop',
  select: 'loop',
  case: 'case',
};
const closers: Readonly<Record<string, ShellGroup['kind']>> = {
  '}': 'braces',
  fi: 'if',
  done: 'loop',
  esac: 'case',
};
const skipped = new Set(['then', 'elif', 'else', 'do', '!', 'time', 'coproc', '-p']);

/** The group that a keyword opens, if it opens one: a command can follow it directly. */
export function openedBy(word: string): ShellGroup['kind'] | undefined {
  return Object.hasOwn(openers, word) ? openers[word] : undefined;
}

/** The group that a keyword closes, if it closes one. */
export function closedBy(word: string): ShellGroup['kind'] | undefined {
  return Object.hasOwn(closers, word) ? closers[word] : undefined;
}

/** Whether a keyword only precedes a command. */
export function isSkipped(word: string): boolean {
  return skipped.has(word);
}
