import type { CommandWord } from './shell/shell-command.ts';

/** What stands on a command line, read as Python's argparse and click read it. */
interface CommandOptions {
  /** The last value of each known option, by its long name without dashes. */
  readonly values: ReadonlyMap<string, CommandWord>;
  readonly positional: readonly CommandWord[];
  readonly asksForHelp: boolean;
}

/** Options that take values: the long name, the letter, and whether several values may follow. */
export interface OptionSpec {
  readonly long: string;
  readonly short?: string;
  readonly many?: boolean;
}

/**
 * Sorts the words behind a subcommand into options and positional arguments. Long options may be cut
 * short (`--user`) and joined to their value by `=`; short ones may be joined directly (`-ubob`).
 */
export function readOptions(
  words: readonly CommandWord[],
  specs: readonly OptionSpec[],
): CommandOptions {
  const values = new Map<string, CommandWord>();
  const positional: CommandWord[] = [];
  let asksForHelp = false;
  let open: OptionSpec | undefined;
  for (const word of words) {
    const { text, dynamic, isExpanded = false } = word;
    if (text === '--help' || text === '-h') {
      // `${HELP:---help}` may be nothing at all.
      if (!dynamic && !isExpanded) asksForHelp = true;
    } else if (text.startsWith('-') && text.length > 1) {
      const equals = text.indexOf('=');
      const name = equals < 0 ? text : text.slice(0, equals);
      open = specs.find((spec) => matches(spec, name));
      const joined = open === undefined ? undefined : joinedValue(text, equals, open);
      if (open !== undefined && joined !== undefined) {
        values.set(open.long, { ...word, text: joined });
        open = undefined;
      }
    } else if (open === undefined) {
      positional.push(word);
    } else {
      values.set(open.long, word);
      if (open.many !== true) open = undefined;
    }
  }
  return { values, positional, asksForHelp };
}

function matches({ long, short }: OptionSpec, name: string): boolean {
  if (name.startsWith('--')) return name.length > 2 && long.startsWith(name.slice(2));
  return short !== undefined && name[1] === short;
}

function joinedValue(text: string, equals: number, spec: OptionSpec): string | undefined {
  if (text.startsWith('--')) return equals < 0 ? undefined : text.slice(equals + 1);
  if (text.length === 2) return undefined;
  return text.slice(text[2] === '=' ? 3 : 2) || (spec.many ? undefined : '');
}
