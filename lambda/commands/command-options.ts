import type { CommandWord } from '../shell/follow/shell-command.ts';

/** A command line's options and arguments, read as Python's argparse and click do. */
interface CommandOptions {
  /** The last value of each known option, by its long name without dashes. */
  readonly values: ReadonlyMap<string, CommandWord>;
  readonly positional: readonly CommandWord[];
  readonly asksForHelp: boolean;
}

/** An option that takes a value. */
export interface OptionSpec {
  /** Without dashes. */
  readonly long: string;
  /** One letter. */
  readonly short?: string;
  /** Whether several values may follow. */
  readonly many?: boolean;
}

/**
 * Sorts the words after a subcommand into options and positional arguments. Long options may be
 * abbreviated (`--user`) and joined to their value by `=`; short ones may be joined directly
 * (`-ubob`).
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
      // `${HELP:---help}` may expand to nothing.
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
