/**
 * Unwraps the texts of Airflow's log lines: JSON (task logs of Airflow 3), colour codes (service
 * logs up to 2.7) and Python's repr of strings.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
const colourCode = /(?:\x1b|\\u001b|\\x1b)\[[0-9;]*m/gi;

/** Removes colour codes, also those that JSON or Python has escaped. */
export function withoutColours(text: string): string {
  return text.includes('[') ? text.replace(colourCode, '') : text;
}

/**
 * How Airflow up to 2.7 colours its own lines: time, file, level, and the values inserted into a
 * text.
 */
const ownColours =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  /\x1b\[34m[^\x1b\n]+\x1b\[0m|\x1b\[1m[^\x1b\n]+\x1b\[22m|\x1b\[0m(?= - |\n|$)/g;

/**
 * How structlog colours a whole line of Airflow 3: time, level, text, logger and pairs of key and
 * value. Does not match a line with a colour inside the text, since that may be part of a name.
 */
const structlogColours =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  /^\x1b\[2m[^\x1b\n]+\x1b\[0m \[(?:\x1b\[\d\d?m)+\w+ *\x1b\[0m\] \x1b\[1m[^\x1b\n]+\x1b\[0m(?: \[(?:\x1b\[\d\d?m)+[\w.]+\x1b\[0m\]\x1b\[0m)?(?: \x1b\[36m\w+\x1b\[0m=\x1b\[35m[^\x1b\n]*\x1b\[0m)*\n?$/;

/**
 * Whether a message has colours other than Airflow's own. These may be part of a name, which would
 * read as another name without them.
 */
export function hasStrayColours(message: string): boolean {
  if (message.search(colourCode) < 0) return false;
  if (structlogColours.test(message)) return false;
  const isColouredLine = message.startsWith('[\u001b[');
  return !isColouredLine || message.replace(ownColours, '').search(colourCode) >= 0;
}

/** Whether the event is one JSON object, whole or cut off. */
export function isJsonEvent(message: string): boolean {
  return /^\s*\{\s*"/.test(message);
}

/** Undoes the escapes in a part of a JSON string; invalid ones stay as they are. */
export function undoJsonEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text.replace(/\\(u[0-9a-fA-F]{4}|[^u])/g, (whole, code: string) =>
      code.length === 1 ? (simpleEscapes[code] ?? code) : (hexadecimal(code) ?? whole),
    );
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
};

function hexadecimal(escaped: string): string | undefined {
  const code = Number.parseInt(escaped.slice(1), 16);
  return Number.isNaN(code) ? undefined : String.fromCharCode(code);
}

/**
 * The texts of an event, without colours: every string of a JSON event, names of members included,
 * or the event itself. A string that holds JSON is read the same way.
 *
 * One pass, however long the event is; an event that CloudWatch cut off yields what is left.
 */
export function textsOf(message: string): readonly string[] {
  const texts: string[] = [];
  // Each level doubles the backslashes of the next, so that 1 MB holds at most 20 levels.
  const open = [message];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const strings = isJsonEvent(text) ? stringsOfJson(text) : undefined;
    if (strings === undefined) texts.push(withoutColours(text));
    else for (const string of strings.reverse()) open.push(string);
  }
  return texts;
}

const quote = 0x22;
const backslash = 0x5c;

/** What JSON has outside its strings. */
const outsideOfStrings = /true|false|null|NaN|Infinity|[\s{}[\]:,\d.eE+-]/g;

/** @returns undefined if the text is not JSON, whole or cut off: `{ "airflow" users list; }` */
function stringsOfJson(text: string): string[] | undefined {
  const strings: string[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf('"', at);
    const isLast = start < 0;
    const between = text.slice(at, isLast ? text.length : start);
    const literal = isLast ? between.replace(/\b[a-zI]{1,7}$/, '') : between;
    if (literal.replace(outsideOfStrings, '') !== '') return undefined;
    if (isLast) break;
    let end = start + 1;
    while (end < text.length && text.charCodeAt(end) !== quote) {
      end += text.charCodeAt(end) === backslash ? 2 : 1;
    }
    strings.push(undoJsonEscapes(text.slice(start + 1, end)));
    at = end + 1;
  }
  return strings;
}

/**
 * Reads Python's repr of a list of strings (`['bash', '-c', "it's"]`) from its opening bracket on.
 *
 * @returns undefined if it is not one; a list that is cut off yields what is left
 */
export function readPythonList(
  text: string,
  start: number,
): { readonly items: readonly string[]; readonly end: number } | undefined {
  if (text[start] !== '[') return undefined;
  const items: string[] = [];
  let at = start + 1;
  for (;;) {
    while (text[at] === ' ' || text[at] === ',' || text[at] === '\n') at += 1;
    const mark = text[at];
    if (mark !== "'" && mark !== '"') return items.length > 0 ? { items, end: at } : undefined;
    const item = readPythonString(text, at);
    items.push(item.value);
    at = item.end;
  }
}

const pythonEscapes = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])/y;

/** Reads a Python string literal from its quote on; one that is cut off ends with the text. */
function readPythonString(text: string, start: number): { value: string; end: number } {
  const mark = text[start];
  const parts: string[] = [];
  let from = start + 1;
  let at = from;
  while (at < text.length && text[at] !== mark) {
    if (text[at] !== '\\') {
      at += 1;
      continue;
    }
    pythonEscapes.lastIndex = at;
    const found = pythonEscapes.exec(text)?.[0] ?? '\\';
    parts.push(text.slice(from, at), pythonEscape(found));
    at += found.length;
    from = at;
  }
  parts.push(text.slice(from, at));
  return { value: parts.join(''), end: at + 1 };
}

function pythonEscape(escaped: string): string {
  if (escaped.length > 2) {
    const code = Number.parseInt(escaped.slice(2), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : escaped;
  }
  const character = escaped[1] ?? '\\';
  return simpleEscapes[character] ?? (/['"\\\n]/.test(character) ? character : escaped);
}

/**
 * A member of what MWAA's command endpoint answers: `{"stderr": "…", "stdout": "…"}`, in base64.
 */
const encodedMember =
  /["']std(?:out|err)["']\s{0,4}:\s{0,4}["'](?<encoded>[A-Za-z0-9+/]{16,}={0,2})["']?/g;

const encodedText = /^[A-Za-z0-9+/]{16,}={0,2}$/;

/**
 * Decodes the outputs of commands that an event's texts hold in base64. Reads each text at most
 * twice.
 *
 * @param texts those of the event; for JSON its strings, so that a member's value follows its name
 */
export function decodedOutputs(texts: readonly string[]): readonly string[] {
  const outputs: string[] = [];
  texts.forEach((text, at) => {
    const name = texts[at - 1];
    if ((name === 'stdout' || name === 'stderr') && encodedText.test(text)) {
      outputs.push(decode(text));
    }
    if (!text.includes('std')) return;
    for (const { groups } of text.matchAll(encodedMember))
      outputs.push(decode(groups?.encoded ?? ''));
  });
  return outputs;
}

function decode(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString('utf8').toWellFormed();
}

/**
 * What Airflow's secrets masker writes in place of any text that a DAG's author declares a secret.
 */
export const mask = '***';

/** Whether a text is masked, in part or as a whole, and may be one of these values. */
export function maskedAs(text: string, values: Iterable<string>): boolean {
  if (!text.includes(mask)) return false;
  for (const value of values) if (canBe(text, value)) return true;
  return false;
}

/** Whether a text, parts of which may be masked, may be a value. */
export function canBe(text: string, value: string): boolean {
  if (!text.includes(mask)) return text === value;
  const parts = text.split(mask);
  const [first = ''] = parts;
  const last = parts.at(-1) ?? '';
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= value.length - last.length;
}
