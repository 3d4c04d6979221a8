/** The commands that the parser reads, as messages list them. */
export const supportedCommands = [
  'SOURCE',
  'fields',
  'filter',
  'where',
  'parse',
  'stats',
  'sort',
  'order by',
  'limit',
  'head',
  'tail',
  'display',
  'dedup',
  'unnest',
] as const;

/** What Logs Insights has beyond them, in lower case: refused as not supported, not as unknown. */
export const unsupportedCommands: ReadonlySet<string> = new Set([
  'accum',
  'addtotals',
  'anomaly',
  'appendcols',
  'autoregress',
  'cidrlookup',
  'countfrequent',
  'estimate',
  'expand',
  'filldown',
  'fillmissing',
  'filterindex',
  'join',
  'json',
  'logcompare',
  'lookup',
  'outlier',
  'pattern',
  'relevantfields',
  'search',
  'sessionize',
  'unmask',
]);

/** A sentence's end for messages about what is not supported. */
export const supportedHint = `the supported commands are ${supportedCommands.join(', ')}`;
