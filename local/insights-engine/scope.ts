import type { FieldReference, Name, Span } from '../../query-language/ast.ts';
import { errorAt } from '../../query-language/position.ts';
import type { DiscoveredFields } from './discovered-fields.ts';
import { jsonMember } from './discovered-fields.ts';
import { json, missing, type Value } from './values.ts';

/** Which command made a name; the rules for naming it again differ. */
export type Origin = 'builtin' | 'fields' | 'parse' | 'unnest' | 'stats';

interface Definition {
  readonly value: Value;
  readonly origin: Origin;
  /** The number of the command that made it. */
  readonly command: number;
}

/**
 * The names that a command sees.
 *
 * Before the first stats: built-in fields, what the query defined, and anything else is a field
 * that may have been discovered in a JSON message. A stats command leaves only its own columns.
 */
export class Scope {
  readonly #text: string;
  readonly #discovered: DiscoveredFields;
  #definitions = new Map<string, Definition>();
  readonly #listed = new Set<string>();
  #command = 0;
  #aggregated = false;

  constructor(text: string, discovered: DiscoveredFields) {
    this.#text = text;
    this.#discovered = discovered;
    for (const [name, value] of builtins) this.#set(name, value, 'builtin');
  }

  get aggregated(): boolean {
    return this.#aggregated;
  }

  startCommand(): void {
    this.#command += 1;
  }

  /** Whether a reference has a meaning here: after stats, not every name does. */
  knows({ name, path }: FieldReference): boolean {
    return !this.#aggregated || this.#defined(name, path) !== undefined;
  }

  /** @throws QueryError for a name that stats did not leave. */
  resolve(field: FieldReference): Value {
    const found = this.#defined(field.name, field.path);
    if (found !== undefined) return found;
    if (this.#aggregated) throw this.unknown(field.name, field.span);
    // What field discovery generates begins with @; keys that do so themselves appear as @@.
    if (field.name.startsWith('@@')) {
      const [first = '', ...rest] = field.path;
      return this.#discovered.field([first.slice(1), ...rest]);
    }
    return field.name.startsWith('@') ? missing : this.#discovered.field(field.path);
  }

  unknown(name: string, span: Span) {
    return errorAt(this.#text, span, `Unknown symbols found in or after stats: ${name}`);
  }

  /**
   * A field without an alias in `fields`.
   *
   * AWS refuses to list again what parse extracted; an alias of `fields` or a column of stats may
   * be listed.
   */
  list({ name, span }: Name): void {
    const origin = this.#definitions.get(name)?.origin;
    if (origin === 'parse' || origin === 'unnest') throw this.#alreadyDefined(name, span);
    this.#listed.add(name);
  }

  /** @throws QueryError for a name that is taken. */
  define({ name, span }: Name, value: Value, origin: Origin): void {
    const isListed = this.#listed.has(name) && origin !== 'parse' && origin !== 'unnest';
    if (isListed || this.#definitions.has(name)) throw this.#alreadyDefined(name, span);
    this.#set(name, value, origin);
  }

  /** @throws QueryError when an alias of stats is a name that the query defined before it. */
  checkAlias({ name, span }: Name): void {
    if (this.#definitions.has(name)) throw this.#alreadyDefined(name, span);
  }

  /** What an expression without an alias is called can be used, and written twice. */
  defineColumn(name: string, value: Value): void {
    if (!this.#definitions.has(name)) this.#set(name, value, 'fields');
  }

  /** Only these names from here on. */
  replace(columns: ReadonlyMap<string, Value>): void {
    this.#definitions = new Map();
    this.#listed.clear();
    this.#aggregated = true;
    for (const [name, value] of columns) this.#set(name, value, 'stats');
  }

  #set(name: string, value: Value, origin: Origin): void {
    this.#definitions.set(name, { value, origin, command: this.#command });
  }

  #alreadyDefined(name: string, span: Span) {
    return errorAt(this.#text, span, `Ephemeral field is already defined: ${name}`);
  }

  #defined(name: string, path: readonly string[]): Value | undefined {
    const exact = this.#definitions.get(name);
    if (exact !== undefined) return exact.value;
    for (let length = path.length - 1; length > 0; length -= 1) {
      const holder = this.#definitions.get(path.slice(0, length).join('.'));
      if (holder?.value.type !== 'json') continue;
      // Measured on AWS: a member of what the same command parses compiles, and is empty.
      if (holder.command === this.#command && holder.origin === 'fields') return missing;
      return json(jsonMember(holder.value.sql, path.slice(length)));
    }
    return undefined;
  }
}

const builtins: readonly (readonly [string, Value])[] = [
  ['@timestamp', { sql: 'ts', type: 'time' }],
  ['@ingestionTime', { sql: 'ing', type: 'time' }],
  ['@message', { sql: 'msg', type: 'text' }],
  ['@logStream', { sql: 'ls', type: 'text' }],
  ['@log', { sql: 'log', type: 'text' }],
  // Opaque on AWS: only that it differs from event to event matters.
  ['@ptr', { sql: "to_base64(encode(concat('event-', rid)))", type: 'text' }],
];
