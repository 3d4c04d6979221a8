import { aggregateFunctions } from '../../local/insights-engine/functions/aggregate-functions.ts';
import { scalarFunctions } from '../../local/insights-engine/functions/functions-by-name.ts';
import type { SeededRandom } from '../simulation/seeded-random.ts';

/** What would do harm if a part of a query became SQL. `canary` is a table beside the events. */
export const injections: readonly string[] = [
  ...["'; DROP TABLE canary; --", "'); DELETE FROM canary; --", '" FROM canary --', '`; SELECT'],
  ...["' UNION SELECT secret FROM canary --", "' || (SELECT secret FROM canary) || '", '*/ canary'],
  ...["x'; ATTACH 'file.db' AS canary; --", '/* canary */', '-- canary', '; COPY canary TO STDOUT'],
  ...["\\'; DROP TABLE canary", "''' canary '''", '$$ canary $$', "E'\\x27 canary", '\0; canary'],
  ...['$1 canary', '?', '’ canary', '＇ canary', 'canary\u2028DROP', "'\ud800canary", '{canary}'],
  ...[
    '(SELECT secret FROM canary)',
    'read_text(canary)',
    "getenv('canary')",
    'c1',
    's0',
    'fields[1]',
  ],
];

const fieldNames = [
  ...['@message', '@message', '@timestamp', '@log', '@logStream', '@ingestionTime', '@ptr'],
  ...[
    'level',
    'a.b',
    'list',
    'list.0',
    'items[0].name',
    'a.`b c`.0',
    '@@at',
    '@nosuch',
    'j',
    'j.a',
  ],
  ...['c1', 's0', 'msg', 'rid', 'matched', 'canary', 'secret', 'select', '`from`', '`ä`'],
];
const numbers = [
  '0',
  '1',
  '-1',
  '2.5',
  '1e3',
  '1e30',
  '1e308',
  '007',
  '100000',
  '99999999999999999999',
];
const durations = ['5m', '1h', '300s', '1mo', '2w', '1q', '3y', '99999d', '1ms'];
const badDurations = ['0m', '1.5h', '7lightyears', '5'];
const formats = [
  '"%Y-%m"',
  '"yyyy-MM-dd"',
  '"UTC"',
  '"Europe/Berlin"',
  '"10.0.0.0/8"',
  '"(a|b)+"',
  '"%f"',
];
/** With a named group, so that parse takes them. */
const namedRegexps = [
  '/^\\[(?<NAME>[^\\]]+)\\]/',
  '/(?<NAME>x)?(y*)/',
  '/(?<NAME>\\d+)|(?<NAMEb>\\w*)/',
  "/it's (?<NAME>.*)/",
];
const regexps = [
  ...['/a/', '/(?i)role|user/', '/a\\/b/', "/it's/", '/(a*)*b/', '/\\d{1,1000}/', '/$/', '/\\Z/'],
  ...[
    '/[^\\x00-\\x7f]/',
    '/\\p{L}+/',
    '/(?s).*/',
    '/\\u0041/',
    '/(((((a)))))/',
    '/;--canary/',
    "/\\Q'\\E/",
  ],
];
const badRegexps = [
  '/(?=a)/',
  '/\\1/',
  '/[[:alpha:]]/',
  '/a{1001}/',
  '/(?x) a/',
  '/[/',
  '/(/',
  '/a**/',
];
const comparisons = ['=', '==', '!=', '<', '<=', '>', '>='];
const operators = [...comparisons, 'and', 'or', 'AND', 'Or', '+', '-', '*', '/', '%', '^'];

/** Those without a period as an argument. */
const plainFunctions = [...scalarFunctions.values()].filter(
  ({ name }) => !['bin', 'datefloor', 'dateceil'].includes(name),
);

/** Queries from a grammar of the language, most of them acceptable, with hostile texts in every place. */
export class QueryGenerator {
  readonly #random: SeededRandom;
  #names = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  query(): string {
    const random = this.#random;
    this.#names = 0;
    const commands: string[] = [];
    if (random.chance(0.05)) commands.push(`SOURCE ${this.#string()}`);
    const count = random.int(1, 5);
    for (let at = 0; at < count; at += 1) commands.push(this.#command());
    if (random.chance(0.1)) commands.push(`dedup ${this.#list(() => this.#field())}`);
    if (random.chance(0.1)) commands.push('limit 5');
    const joint = random.pick([' | ', '|', '\n| ', ' # note\n | ', ' #| DROP canary\n| ']);
    return `${random.chance(0.05) ? '| ' : ''}${commands.join(joint)}`;
  }

  #command(): string {
    const random = this.#random;
    switch (random.int(0, 12)) {
      case 0:
      case 1:
        return `fields ${this.#list(() => this.#projection())}`;
      case 2:
      case 3:
      case 4:
        return `${random.pick(['filter', 'where', 'FILTER'])} ${this.#expression(3)}`;
      case 5:
        return `parse ${this.#field()} ${this.#glob()}`;
      case 6:
        return `parse ${random.pick(['', this.#field()])} ${this.#namedRegexp()}`;
      case 7:
      case 8:
        return `stats ${this.#list(() => this.#aggregate())}${random.chance(0.6) ? ` by ${this.#list(() => this.#projection())}` : ''}`;
      case 9:
        return `${random.pick(['sort', 'sort by', 'order by'])} ${this.#list(() => `${this.#field()}${random.pick(['', ' desc', ' asc'])}`)}`;
      case 10:
        return `${random.pick(['limit', 'limit any', 'head', 'tail'])} ${this.#mostly(['1', '20'], ['0', '100001', '1.5', '-1'])}`;
      case 11:
        return `display ${this.#list(() => this.#projection())}`;
      default:
        return `unnest ${this.#field()} into ${this.#name()}`;
    }
  }

  /** A good choice, and rarely a bad one. */
  #mostly(good: readonly string[], bad: readonly string[]): string {
    return this.#random.pick(this.#random.chance(0.03) ? bad : good);
  }

  #namedRegexp(): string {
    const random = this.#random;
    if (random.chance(0.1)) return `${this.#mostly(regexps, badRegexps)} as ${this.#name()}`;
    this.#names += 1;
    return random.pick(namedRegexps).replaceAll('NAME', `name${this.#names}`);
  }

  #list(item: () => string): string {
    return Array.from({ length: this.#random.pick([1, 1, 2, 3]) }, item).join(', ');
  }

  #projection(): string {
    const expression = this.#expression(2);
    return this.#random.chance(0.6) ? `${expression} as ${this.#name()}` : expression;
  }

  #aggregate(): string {
    const { name, minArguments } = this.#random.pick([...aggregateFunctions.values()]);
    const args =
      name === 'topk'
        ? `3, ${this.#expression(1)}`
        : [...(minArguments > 0 || this.#random.chance(0.3) ? [this.#expression(2)] : [])]
            .concat(minArguments > 1 ? this.#random.pick(['90', '99.9', '200']) : [])
            .join(', ');
    const call = `${name}(${args || this.#random.pick(['', '*'])})`;
    const whole = this.#random.chance(0.2) ? `${call} / ${this.#random.pick(numbers)}` : call;
    return this.#random.chance(0.7) ? `${whole} as ${this.#name()}` : whole;
  }

  #name(): string {
    this.#names += 1;
    const random = this.#random;
    if (random.chance(0.15)) return random.pick(['canary', 'c1', 's1', 'level', 'msg', 'matched']);
    if (random.chance(0.15)) return this.#quotedName();
    return `name${this.#names}`;
  }

  #quotedName(): string {
    const inner = `${this.#random.pick(injections)}${this.#names}`.replaceAll('`', '');
    return `\`${inner}\``;
  }

  #field(): string {
    const random = this.#random;
    if (random.chance(0.1)) return this.#quotedName();
    if (this.#names > 0 && random.chance(0.4)) return `name${random.int(1, this.#names)}`;
    return random.pick(fieldNames);
  }

  #string(): string {
    const random = this.#random;
    const inner = random.chance(0.3)
      ? random.pick(injections)
      : random.pick([
          '',
          'a',
          'role',
          'add-role',
          '12',
          "it''s",
          'größe',
          '🤦🏼‍♂️',
          'x\ny',
          '\\d',
          '%s',
        ]);
    const quote = random.pick(['"', "'"]);
    return `${quote}${inner.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)}${quote}`;
  }

  #glob(): string {
    const stars = this.#random.int(0, 3);
    const pattern = Array.from({ length: stars + 1 }, () =>
      this.#random.pick(['a', ' - ', "'", ':']),
    );
    const names = Array.from({ length: Math.max(stars, 1) }, () => this.#name());
    return `"${pattern.join('*')}" as ${names.join(', ')}`;
  }

  #expression(depth: number): string {
    const random = this.#random;
    const inner = () => this.#expression(depth - 1);
    if (depth <= 0) {
      return random.pick([
        () => this.#field(),
        () => this.#field(),
        () => this.#string(),
        () => random.pick(numbers),
      ])();
    }
    switch (random.int(0, 9)) {
      case 0:
      case 1:
        return `${inner()} ${random.pick(operators)} ${inner()}`;
      case 2:
        return `(${inner()})`;
      case 3:
        return `${random.pick(['not ', '!', '-'])}${inner()}`;
      case 4:
        return `${this.#field()} ${random.pick(['like', 'not like', '=~', '~='])} ${random.pick([this.#string(), this.#mostly(regexps, badRegexps)])}`;
      case 5:
        return `${inner()} ${random.pick(['in', 'not in'])} [${this.#list(inner)}]`;
      case 6:
      case 7:
        return this.#call(depth);
      case 8:
        return random.pick([
          `bin(${this.#mostly(durations, badDurations)})`,
          `@timestamp ${random.pick(['+', '-', '*'])} ${this.#mostly(durations, badDurations)}`,
          `datefloor(${inner()}, ${this.#mostly(durations, badDurations)})`,
          `dateceil(${inner()}, ${this.#mostly(durations, badDurations)} offset ${this.#mostly(durations, badDurations)})`,
          `jsonParse(${inner()}).${random.pick(['a', '`b c`.0', 'list[1]'])}`,
        ]);
      default:
        return this.#expression(0);
    }
  }

  #call(depth: number): string {
    const random = this.#random;
    const { name, minArguments, maxArguments } = random.pick(plainFunctions);
    const count = random.int(minArguments, Math.min(maxArguments, minArguments + 2));
    const args = Array.from({ length: count }, (_, at) => {
      if (at > 0 && random.chance(0.5)) return random.pick([...formats, ...numbers]);
      return this.#expression(depth - 1);
    });
    return `${random.chance(0.1) ? name.toUpperCase() : name}(${args.join(', ')})`;
  }
}
