/** A text that sometimes has logs in it, or a message in their place, and what to do about it. */
interface ForeignText {
  /** Matches the beginning of the text. */
  readonly pattern: RegExp;
  readonly name: string;
  readonly advice: string;
}

const asJson = 'export it again with --output json';
const resultsAsCsv = 'choose CSV or JSON under "Export results"';

const foreignTexts: readonly ForeignText[] = [
  {
    pattern: /^\s*(?:<\?xml[^>]*>\s*)?<Error>[\s\S]{0,200}<Code>/,
    name: 'an error message of S3',
    advice: 'download the object again with valid credentials',
  },
  {
    pattern: /^\s*<(?:!doctype html|html)\b/i,
    name: 'a web page',
    advice: 'download the file itself',
  },
  { pattern: /^\s*<\?xml\b/, name: 'XML', advice: 'export the events as JSON' },
  {
    pattern:
      /^\s*(?:events|results|searchedLogStreams|nextToken|nextForwardToken|logEvents):(?:\s|$)/,
    name: 'YAML of the AWS CLI',
    advice: asJson,
  },
  {
    pattern: /^-{20,}\r?\n\|\s+(?:FilterLogEvents|GetLogEvents|GetQueryResults)\s+\|/,
    name: 'a table of the AWS CLI',
    advice: asJson,
  },
  {
    pattern: /^\s*\|\s*@\w+[^\n]*\|\s*\n\s*\|\s*:?-/,
    name: 'a Markdown table of Logs Insights',
    advice: resultsAsCsv,
  },
  {
    pattern: /^\s*(?:-{10,}|\+[-+]{10,})\r?\n\|?\s*@\w+/,
    name: 'a table of Logs Insights',
    advice: resultsAsCsv,
  },
  {
    pattern: /^\s*[{[]\s*\{?\s*'(?:events|results|logStreamName|timestamp|logGroup|message)':/,
    name: 'a Python object',
    advice: 'write it with json.dumps',
  },
  {
    pattern: /^version https:\/\/git-lfs\.github\.com\/spec\//,
    name: 'a pointer of Git LFS',
    advice: 'fetch the file with git lfs pull',
  },
  {
    pattern: /^(?:An error occurred \(|aws: error:|usage: aws )/m,
    name: 'an error message of the AWS CLI',
    advice: 'export the events again',
  },
];

/** What a text is that is no log, and what to do, as a clause; undefined when it is not known. */
export function foreignText(beginning: string): string | undefined {
  const found = foreignTexts.find(({ pattern }) => pattern.test(beginning));
  return found && `it is ${found.name}; ${found.advice}`;
}
