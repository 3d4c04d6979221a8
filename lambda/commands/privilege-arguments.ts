import type { Verb } from '../model/verbs.ts';
import type { CommandWord } from '../shell/follow/shell-command.ts';
import { type OptionSpec, readOptions } from './command-options.ts';
import type { PrivilegeCommand } from './privilege-command.ts';

/** Where a command names its user and role. */
export interface Subjects {
  readonly options: readonly OptionSpec[];
  readonly positionalIsRole: boolean;
  readonly fixedRole?: string;
}

const userOptions: readonly OptionSpec[] = [
  { long: 'username', short: 'u' },
  { long: 'email', short: 'e' },
  { long: 'role', short: 'r' },
  { long: 'roles' },
  { long: 'firstname', short: 'f' },
  { long: 'lastname', short: 'l' },
  { long: 'password', short: 'p' },
];

const permissionOptions: readonly OptionSpec[] = [
  { long: 'resource', short: 'r', many: true },
  { long: 'action', short: 'a', many: true },
];

/** For a command that names neither. */
export const unknownSubjects: Subjects = { options: [], positionalIsRole: false };

/** @param subcommand empty where it is a shell variable */
export function subjectsOf(group: string, subcommand: string): Subjects {
  if (group === 'users') return { options: userOptions, positionalIsRole: false };
  if (group === 'roles') {
    return { options: permissionOptions, positionalIsRole: subcommand !== 'import' };
  }
  if (group === 'fab' && subcommand !== 'import-roles') {
    return {
      options: userOptions,
      positionalIsRole: false,
      ...(subcommand === 'create-admin' ? { fixedRole: 'Admin' } : {}),
    };
  }
  return unknownSubjects;
}

/** Roles of one command that a finding names; a title shows three. */
const rolesMax = 20;

/**
 * The command that a verb and its arguments make.
 *
 * @param words what follows the subcommand
 * @returns undefined if they ask for help
 */
export function commandWith(
  verb: Verb | undefined,
  { options, positionalIsRole, fixedRole }: Subjects,
  words: readonly CommandWord[],
): PrivilegeCommand | undefined {
  const { values, positional, asksForHelp } = readOptions(words, options);
  if (asksForHelp) return undefined;
  const value = (name: string) => literal(values.get(name));
  const target = value('username') ?? value('email');
  const names = positionalIsRole
    ? positional.slice(0, rolesMax).flatMap((word) => literal(word) ?? [])
    : [];
  const named = positional.length === 1 ? names[0] : undefined;
  const role = positionalIsRole ? named : (value('role') ?? fixedRole);
  return {
    ...(verb === undefined ? {} : { verb }),
    ...(target === undefined ? {} : { target }),
    ...(role === undefined ? {} : { role }),
    ...(role === undefined && names.length > 0 ? { roles: names } : {}),
  };
}

/** A word whose value is known: no variable and no placeholder of xargs or of a help text. */
function literal(word: CommandWord | undefined): string | undefined {
  if (word === undefined || word.dynamic || /^(?:|\{\}|<.*>|%s)$/.test(word.text)) return undefined;
  return word.text;
}
