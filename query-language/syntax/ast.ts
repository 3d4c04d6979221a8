/**
 * The syntax tree of a CloudWatch Logs Insights query.
 *
 * Every node has its {@link Span}, so that an error can point into the text and a part of a query
 * (such as a detection's filter) can be copied verbatim. The span of an expression includes its
 * parentheses.
 */

/** A half-open range `[start, end)` of UTF-16 offsets into the query text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface StringLiteral {
  readonly kind: 'string';
  /** The text with its escapes resolved. */
  readonly value: string;
  readonly span: Span;
}

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  /** As written, which distinguishes `5` from `5.0`. */
  readonly text: string;
  readonly span: Span;
}

/** `5m`, `1h`, `300s`: the argument of bin, datefloor, dateceil and their offset. */
export interface DurationLiteral {
  readonly kind: 'duration';
  readonly amount: number;
  /** The unit as written, in lower case: `ms`, `m`, `minutes`. */
  readonly unit: string;
  readonly span: Span;
}

/** `/…/`: only on the right of like, =~, ~= and in parse. */
export interface RegexLiteral {
  readonly kind: 'regex';
  /** The text between the slashes, verbatim (including `\/`). */
  readonly source: string;
  readonly span: Span;
}

/** A field: `@message`, `a.b.c`, `` `detail-type`.x ``, `items.0.name`, `items[0].name`. */
export interface FieldReference {
  readonly kind: 'field';
  /** The full name without quotes, segments joined by dots: the name of the column. */
  readonly name: string;
  /** The segments; `a.b` in one pair of backticks is one segment. */
  readonly path: readonly string[];
  readonly span: Span;
}

interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: 'not' | '-';
  readonly operand: Expression;
  readonly span: Span;
}

export type BinaryOperator =
  | 'and'
  | 'or'
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^';

export interface BinaryExpression {
  readonly kind: 'binary';
  /** `==` is read as `=`. */
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

/** `x like "s"`, `x not like /re/`, `x =~ /re/`, `x ~= "s"`. */
export interface MatchExpression {
  readonly kind: 'match';
  readonly negated: boolean;
  readonly subject: Expression;
  /** A string is a case-sensitive substring, a regexp an unanchored search. */
  readonly pattern: StringLiteral | RegexLiteral;
  readonly span: Span;
}

interface InExpression {
  readonly kind: 'in';
  readonly negated: boolean;
  readonly subject: Expression;
  readonly values: readonly Expression[];
  readonly span: Span;
}

export interface CallExpression {
  readonly kind: 'call';
  /** In lower case; names are case-insensitive. */
  readonly name: string;
  readonly arguments: readonly Expression[];
  /** `count(*)`. */
  readonly star: boolean;
  /** `bin(1h offset 15m)`. */
  readonly offset?: DurationLiteral;
  readonly span: Span;
}

/** `jsonParse(x).user.name`: a part of a call's result. */
export interface MemberExpression {
  readonly kind: 'member';
  readonly object: CallExpression;
  /** The segments after the call, as in {@link FieldReference.path}. */
  readonly path: readonly string[];
  readonly span: Span;
}

export type Expression =
  | StringLiteral
  | NumberLiteral
  | DurationLiteral
  | FieldReference
  | UnaryExpression
  | BinaryExpression
  | MatchExpression
  | InExpression
  | CallExpression
  | MemberExpression;

/** A name that a command defines: `as x`. */
export interface Name {
  readonly name: string;
  readonly span: Span;
}

/** One item of fields, display, stats or its `by`: an expression with an optional alias. */
export interface Projection {
  readonly expression: Expression;
  readonly alias?: Name;
  /** The name of the column: the alias, the field's name, or the expression as written. */
  readonly columnName: string;
  readonly span: Span;
}

export interface FieldsCommand {
  readonly kind: 'fields';
  readonly items: readonly Projection[];
  readonly span: Span;
}

export interface DisplayCommand {
  readonly kind: 'display';
  readonly items: readonly Projection[];
  readonly span: Span;
}

/** `filter …` or `where …`. */
export interface FilterCommand {
  readonly kind: 'filter';
  readonly condition: Expression;
  readonly span: Span;
}

/**
 * `parse [field] "a * b *" as x, y`. A pattern without `*` has one name, which marks that the text
 * is present.
 */
export interface ParseGlobCommand {
  readonly kind: 'parse-glob';
  /** `@message`, with an empty span, when the text names no subject. */
  readonly subject: Expression;
  readonly pattern: StringLiteral;
  readonly names: readonly Name[];
  readonly span: Span;
}

/** `parse [field] /(?<x>…)/`. */
export interface ParseRegexCommand {
  readonly kind: 'parse-regex';
  readonly subject: Expression;
  readonly pattern: RegexLiteral;
  /** The named groups in order of their opening parentheses, or the names given by `as`. */
  readonly names: readonly Name[];
  /** For each name the number of its capturing group, from 1; unnamed groups count, too. */
  readonly groups: readonly number[];
  readonly span: Span;
}

export interface StatsCommand {
  readonly kind: 'stats';
  readonly aggregates: readonly Projection[];
  readonly by: readonly Projection[];
  readonly span: Span;
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly span: Span;
}

/** `sort …` or `order by …`. */
export interface SortCommand {
  readonly kind: 'sort';
  readonly keys: readonly SortKey[];
  readonly span: Span;
}

/** `limit 20`, `limit any 20`, and the old `head` and `tail`. */
export interface LimitCommand {
  readonly kind: 'limit';
  readonly count: number;
  readonly any: boolean;
  readonly span: Span;
}

export interface DedupCommand {
  readonly kind: 'dedup';
  readonly fields: readonly FieldReference[];
  readonly span: Span;
}

/** `unnest items into item`. */
export interface UnnestCommand {
  readonly kind: 'unnest';
  readonly subject: FieldReference;
  readonly into: Name;
  readonly span: Span;
}

/** `SOURCE 'group' | SOURCE "group" …`, at the beginning only. */
export interface SourceCommand {
  readonly kind: 'source';
  readonly logGroups: readonly StringLiteral[];
  /** `START=` and `END=` of the stored form, in epoch milliseconds. */
  readonly startEpochMs?: number;
  readonly endEpochMs?: number;
  readonly span: Span;
}

export type Command =
  | SourceCommand
  | FieldsCommand
  | DisplayCommand
  | FilterCommand
  | ParseGlobCommand
  | ParseRegexCommand
  | StatsCommand
  | SortCommand
  | LimitCommand
  | DedupCommand
  | UnnestCommand;

export interface Query {
  readonly text: string;
  readonly commands: readonly Command[];
}
