import cliFacts from './cli-facts.json' with { type: 'json' };

interface OptionFacts {
  readonly type: string;
  readonly required: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly members?: Readonly<Record<string, OptionFacts>>;
}

interface CommandFacts {
  readonly options: Readonly<Record<string, OptionFacts>>;
  readonly answer: object;
}

/** What the CLI itself knows, from botocore: test/foreign-clients/copy_cli_facts.py copies it. */
export const commandFacts = cliFacts.commands as Readonly<Record<string, CommandFacts>>;
/** https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html */
export const globalOptions = ['--region', '--query', '--output'];

/** A call's options by name; the CLI takes the words after a name as its values. */
export function optionsOf([, , ...words]: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const word of words) {
    if (word.startsWith('--')) {
      values = [];
      options.set(word, values);
    } else values.push(word);
  }
  return options;
}

/** The rule of a value that it breaks; undefined if it keeps all. */
export function brokenRule(value: string, facts: OptionFacts): string | undefined {
  const { type, min = 0, max = Number.POSITIVE_INFINITY, pattern } = facts;
  if (type === 'document') {
    JSON.parse(value);
    return undefined;
  }
  if (type === 'list') {
    const members = new Map(value.split(',').map((part) => part.split('=') as [string, string]));
    for (const [name, member] of members) {
      const known = facts.members?.[name];
      if (known === undefined) return `${name} is no member`;
      const broken = brokenRule(member, known);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }
  if (facts.enum !== undefined && !facts.enum.includes(value)) return `enum ${value}`;
  if (type === 'timestamp') return Number.isNaN(Date.parse(value)) ? `time ${value}` : undefined;
  if (value.length < min || value.length > max) return `length ${value}`;
  if (pattern === undefined) return undefined;
  // Java's way to say that a full stop matches a line break too.
  const text = pattern.replace(/^\(\?s\)/, '');
  const rule = new RegExp(`^(?:${text})$`, text === pattern ? '' : 's');
  return rule.test(value) ? undefined : `pattern ${value}`;
}

/** What is wrong with a call of the CLI, by what the CLI itself knows; empty if nothing is. */
export function faultsOf(call: readonly string[]): string[] {
  const name = call.slice(0, 2).join(' ');
  const facts = commandFacts[name];
  if (facts === undefined) return [`${name} does not exist`];
  const options = optionsOf(call);
  const missing = Object.entries(facts.options)
    .filter(([option, { required }]) => required && !options.has(option))
    .map(([option]) => `${option} is missing`);
  const wrong = [...options].flatMap(([option, values]) => {
    if (globalOptions.includes(option)) return [];
    const known = facts.options[option];
    if (known === undefined) return [`${option} does not exist`];
    return values.flatMap((value) => brokenRule(value, known) ?? []);
  });
  return [...missing, ...wrong].map((fault) => `${name}: ${fault}`);
}
