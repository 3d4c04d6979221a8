import { readRegexpSource as read } from '../../../query-language/regexp/regexp.ts';
import type { Regexp } from '../../../query-language/regexp/regexp-tree.ts';
import { QueryError } from '../../../query-language/syntax/query-error.ts';
import type { CallArguments } from './call-arguments.ts';

/** Parses a regexp in a string argument; errors have the position of the argument. */
export function readRegexpSource(args: CallArguments, index: number): Regexp {
  const source = args.constantText(index);
  try {
    return read(source);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw args.failure(index, `is not a supported regexp (${error.message})`);
  }
}
