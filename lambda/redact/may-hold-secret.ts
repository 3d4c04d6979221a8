import { characterKind, nextLongRun } from './long-runs.ts';
import { programSecrets } from './program-secrets.ts';
import { secretNameParts } from './secret-names.ts';
import { keyFrame, mayHoldToken, signTokens, wordToken } from './vendor-tokens.ts';

/**
 * A backslash that may say something else than a line's end or a quote, a colour, and parts of a word
 * that a shell glues together (`-"p"`): what stands there is not what is meant.
 */
const dressed = new RegExp(
  [
    `\\\\[^n"']|\\\\$|${String.fromCharCode(27)}`,
    /[^\s[({<,:=\\]\\?["'](?!\.\s)[^\s;|&),:\]}\\]/.source,
    /["']\\["'\\]/.source,
    // To a shell an `n` is escaped here.
    /(?:toke|--pi)["']{0,2}\\n/.source,
  ].join('|'),
);

/** What stands before a word: its beginning may be behind a line's end that is written `\n`. */
const wordStart = String.raw`(?:(?<![\w-])|(?<=\\n))`;

/** What some part of a text has to hold where its secrets are known by their surroundings. */
const marks = new RegExp(
  [
    secretNameParts,
    // Options by their letters, and those of Windows.
    `${wordStart}-v*p`,
    /--(?:p(?:as?)?(?![\w-])|pin|oauth2|plaintext)/.source,
    /\/r?p:/.source,
    // Headers, and logins that are given as a pair.
    /(?:bearer|basic)\s|jdbc:|auth(?![\w/-])|(?:auth\w{0,20}|(?:log|sign)_?in|crypt)\(/.source,
    /[?&](?:x-\w{1,10}-)?(?:sig|auth|sas|assertion|saml|code|confirm)/.source,
    /identified\s|securestring|ass(?:word|phrase|wd)|ab_user/.source,
    /:(?:\d{2,5}|\*):[^\s:"']{1,60}:[^\s:"']{1,60}:[^\s:]/.source,
    /--value|-stdin|xargs/.source,
    keyFrame.source,
  ].join('|'),
  'i',
);

/** A line of a key in Base64, which has no name beside it. */
const base64Characters = characterKind(/[A-Za-z\d+/]/);
const keyCharactersMin = 60;

/** Names of programs that take secrets without a word that says so; of HTTP's only some options do. */
const programs = new RegExp(
  `${wordStart}(?:${[...programSecrets.keys()]
    .filter((name) => !/^(?:airflow|flask|https?$|curl$)/.test(name))
    .join('|')})(?![\\w-])`,
);
const loginOption = new RegExp(
  `${wordStart}-(?:[A-Za-z]{0,6}[uUEba]|-(?:auth|user|proxy-user|cert))`,
);

const tokens = new RegExp([...signTokens, wordToken].map(({ source }) => source).join('|'));

/**
 * Whether a text may hold a secret. Most lines hold nothing that any reader of secrets looks for, and
 * to know that costs a small part of what reading them layer by layer does. In doubt it is true.
 */
export function mayHoldSecret(text: string): boolean {
  return (
    marks.test(text) ||
    nextLongRun(text, base64Characters, keyCharactersMin) >= 0 ||
    dressed.test(text) ||
    mayHoldPair(text) ||
    programs.test(text) ||
    (mayHoldToken(text) && tokens.test(text))
  );
}

/** `scheme://name:secret@host`, `-u name:secret` of an HTTP client, and what a program is given to read. */
function mayHoldPair(text: string): boolean {
  if (text.includes('://') && text.includes('@')) return true;
  if (text.includes('%40') && /%3a%2f%2f/i.test(text)) return true;
  if (/curl|http|wget/.test(text) && loginOption.test(text)) return true;
  return text.includes('create') && /[|<]/.test(text);
}
