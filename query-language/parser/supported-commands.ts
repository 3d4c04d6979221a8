/** The commands that the parser supports, as listed in messages. */
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

/** Other commands of Logs Insights, in lower case: refused as not supported, not as unknown. */
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

/** A hint for messages about unsupported commands. */
export const supportedHint = `the supported commands are ${supportedCommands.join(', ')}`;
