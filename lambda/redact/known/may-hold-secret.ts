import { characterKind, nextLongRun } from './long-runs.ts';
import { programSecrets } from './program-secrets.ts';
import { secretNameParts } from './secret-names.ts';
import { keyFrame, mayHoldToken, signTokens, wordToken } from './vendor-tokens.ts';

/**
 * Texts that do not read as they are written: a backslash that may escape something else than a
 * line break or a quote, a colour, and parts of a word that a shell joins (`-"p"`).
 */
const disguised = new RegExp(
  [
    `\\\\[^n"']|\\\\$|${String.fromCharCode(27)}`,
    /[^\s[({<,:=\\]\\?["'](?!\.\s)[^\s;|&),:\]}\\]/.source,
    /["']\\["'\\]/.source,
    // A shell reads `\n` as an `n` here.
    /(?:toke|--pi)["']{0,2}\\n/.source,
  ].join('|'),
);

/** The beginning of a word, also after a line break that is written `\n`. */
const wordStart = String.raw`(?:(?<![\w-])|(?<=\\n))`;

/** A text must hold one of these if its secrets are recognized by their surroundings. */
const marks = new RegExp(
  [
    secretNameParts,
    // Short options, abbreviated long ones, and those of Windows.
    `${wordStart}-v*p`,
    /--(?:p(?:as?)?(?![\w-])|pin|oauth2|plaintext)/.source,
    /\/r?p:/.source,
    // Headers, and logins as a pair of user and password.
    /(?:bearer|basic)\s|jdbc:|auth(?![\w/-])|(?:auth\w{0,20}|(?:log|sign)_?in|crypt)\(/.source,
    /[?&](?:x-\w{1,10}-)?(?:sig|auth|sas|assertion|saml|code|confirm)/.source,
    /identified\s|securestring|ass(?:word|phrase|wd)|ab_user/.source,
    /:(?:\d{2,5}|\*):[^\s:"']{1,60}:[^\s:"']{1,60}:[^\s:]/.source,
    /--value|-stdin|xargs/.source,
    keyFrame.source,
  ].join('|'),
  'i',
);

/** A line of a key in Base64, which has no name. */
const base64Characters = characterKind(/[A-Za-z\d+/]/);
const keyCharactersMin = 60;

/**
 * Programs that take secrets without a word that says so; for HTTP clients, only some options do.
 */
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
 * Whether a text may hold a secret; true in doubt. Most lines hold none, and this test costs a
 * small part of reading them layer by layer.
 */
export function mayHoldSecret(text: string): boolean {
  return (
    marks.test(text) ||
    nextLongRun(text, base64Characters, keyCharactersMin) >= 0 ||
    disguised.test(text) ||
    mayHoldPair(text) ||
    programs.test(text) ||
    (mayHoldToken(text) && tokens.test(text))
  );
}

/**
 * `scheme://name:secret@host`, `-u name:secret` of an HTTP client, and a password in a program's
 * input.
 */
function mayHoldPair(text: string): boolean {
  if (text.includes('://') && text.includes('@')) return true;
  if (text.includes('%40') && /%3a%2f%2f/i.test(text)) return true;
  if (/curl|http|wget/.test(text) && loginOption.test(text)) return true;
  return text.includes('create') && /[|<]/.test(text);
}
