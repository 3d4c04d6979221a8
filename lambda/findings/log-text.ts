/**
 * What Airflow's log lines wrap a text in: JSON (Airflow 3 task logs), colour codes (service logs up
 * to 2.7), and Python's repr of strings.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
const colourCode = /(?:\x1b|\\u001b|\\x1b)\[[0-9;]*m/g;

export function withoutColours(text: string): string {
  return text.includes('[') ? text.replace(colourCode, '') : text;
}

/** Whether the event is one JSON object, whole or cut off. */
export function isJsonEvent(message: string): boolean {
  return /^\s*\{\s*"/.test(message);
}

/** A part of a JSON string as the text it stands for; as it is where its escapes are broken. */
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

/** What is read of a JSON event that is cut off: escapes are undone one by one there. */
const maxCutCharacters = 65_536;

/** More texts than this are in no event that Airflow writes; each of them costs time. */
const maxTexts = 200;
const maxValues = 10_000;

/**
 * The texts that an event carries, without colours: every string of a JSON event (the message, the
 * parts of a traceback), or the event itself.
 */
export function textsOf(message: string): readonly string[] {
  if (!isJsonEvent(message)) return [withoutColours(message)];
  let event: unknown;
  try {
    event = JSON.parse(message);
  } catch {
    // CloudWatch cuts long events: what is left is no JSON.
    return [withoutColours(undoJsonEscapes(message.slice(0, maxCutCharacters)))];
  }
  const texts: string[] = [];
  const open: unknown[] = [event];
  for (let seen = 0; open.length > 0 && texts.length < maxTexts && seen < maxValues; seen++) {
    const value = open.pop();
    if (typeof value === 'string') texts.push(withoutColours(value));
    else if (typeof value === 'object' && value !== null) {
      // No spread: an array of 100,000 members would overflow the stack.
      for (const member of Object.values(value).reverse()) open.push(member);
    }
  }
  return texts;
}

/** Longer lists of words are made to cost time. */
const maxItems = 10_000;

/**
 * Reads Python's repr of a list of strings (`['bash', '-c', "it's"]`) that begins at an opening
 * bracket.
 *
 * @returns undefined when it is none; a list that is cut off gives what there is of it.
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
    const quote = text[at];
    const isEnd = (quote !== "'" && quote !== '"') || items.length >= maxItems;
    if (isEnd) return items.length > 0 ? { items, end: at } : undefined;
    const item = readPythonString(text, at);
    items.push(item.value);
    at = item.end;
  }
}

const pythonEscapes = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])/y;

/** Reads a Python string literal that begins at its quote; one that is cut off ends with the text. */
function readPythonString(text: string, start: number): { value: string; end: number } {
  const quote = text[start];
  const parts: string[] = [];
  let from = start + 1;
  let at = from;
  while (at < text.length && text[at] !== quote) {
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
