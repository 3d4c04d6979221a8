/** One token of the query text, `[start, end)` in UTF-16 units. */
export type Token = WordToken | TextToken | NumberToken | DurationToken | SymbolToken | EndToken;

interface Place {
  readonly start: number;
  readonly end: number;
}

/** A keyword or a name: `filter`, `@message`, `` a.`b c`.0 ``, `items[1].x`. */
export interface WordToken extends Place {
  readonly kind: 'word';
  readonly path: readonly string[];
  /** The word in lower case if it can be a keyword or a function name; otherwise undefined. */
  readonly keyword: string | undefined;
}

export interface TextToken extends Place {
  readonly kind: 'string';
  readonly value: string;
}

export interface NumberToken extends Place {
  readonly kind: 'number';
  readonly value: number;
}

export interface DurationToken extends Place {
  readonly kind: 'duration';
  readonly amount: number;
  readonly unit: string;
}

export interface SymbolToken extends Place {
  readonly kind: 'symbol';
  readonly symbol: string;
}

export interface EndToken extends Place {
  readonly kind: 'end';
}
