import { openingQuote } from '../text/quoted-literal.ts';
import { programSecrets } from './program-secrets.ts';
import { secretNameParts } from './secret-names.ts';
import {
  characterKind,
  keyFrame,
  mayHoldToken,
  nextLongRun,
  signTokens,
  wordToken,
} from './vendor-tokens.ts';

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

function either(patterns: readonly RegExp[]): string {
  return patterns.map(({ source }) => source).join('|');
}

/**
 * Everything where a secret, or a quoted text, may begin. No alternative matches at every character
 * of a run: a long run would be read again and again.
 */
const landmark = [
  openingQuote.source,
  // `-storepass …`, an option of a Java or Windows program.
  /(?<![\w-])-(?:(?!v*p)[A-Za-z][\w.-]{0,40}?)?(?:pass(?:word|wd|phrase|in|out|code)?|[Pp]assword|pwd?|secret|token)(?=[ \t])/
    .source,
  /(?<![\w-])-v*p/.source,
  /(?<![\w-])-u(?=[ \t])/.source,
  /(?<![\w-])--[A-Za-z][\w.-]*/.source,
  // `/pass:…`, an option of a Windows program.
  /(?<![\w/.:-])\/(?:rp|pw?|pass|pwd|password):(?=[^\s/])/.source,
  /(?<![\w-])(?:[Bb]earer|BEARER)\s+(?=[\w.~+/=-]{16})/.source,
  /(?<![\w-])Basic\s+(?=[A-Za-z0-9+/]{10,300}=)/.source,
  /:\/\//.source,
  /%3[Aa]%2[Ff]%2[Ff]/.source,
  // `login … password …`, a call with a secret argument, and an element of XML.
  /(?:(?<![\w-])|(?<=\\n))(?:[Pp]asswor[dt]|PASSWORD|passwd|[Tt]oken|[Ss]ecret|requirepass|masterauth|bindpw|rootpw)(?=[ \t\n]+[^\s"'=:])/
    .source,
  /(?<![\w])[A-Za-z_]\w{2,60}\((?=\s?[bBuUrR]?["'])/.source,
  /<[A-Za-z][\w:.-]{0,100}(?:\s[^<>]{0,200})?>/.source,
  /(?<![\w-])(?:API|[Aa]pi|[Aa]ccess|[Ss]ecret|[Pp]rivate) [Kk]ey(?=[ \t]{0,4}(?:is\s?)?[=:])/
    .source,
  /jdbc:oracle:\w{1,20}:[^/\s@"']{1,100}\/(?=[^\s@"']{1,100}@)/.source,
  // What a statement's parameters follow without a name.
  /\[(?:generated in|cached since|raw sql|no key)[^\]\n]{0,60}\]\s{0,9}(?=[[(])/.source,
  /(?<!\w)(?:EXECUTE|execute)\s{1,9}\w{1,60}\s{0,9}(?=\()/.source,
  // A line of ~/.pgpass.
  /(?<![^\s"'])[\w.*-]{1,80}:(?:\d{2,5}|\*):[^\s:"']{1,60}:[^\s:"']{1,60}:(?=[^\s:])/.source,
  /(?:[Cc]ontrase(?:ñ|n\u0303)a|CONTRASEÑA|[Hh]as\u0142o|[Ll]ösenord|[Пп]арол[ья]|ПАРОЛЬ|密[码碼]|口令|パスワード|비밀번호|암호|[Jj]elszó|[Şş]ifre|κωδικός|รหัสผ่าน|סיסמה|पासवर्ड|[Mm]ot de passe|[Mm]ật khẩu|كلمة (?:المرور|السر))[\w-]*(?=\s{0,4}[=:：])/
    .source,
  /(?<![\w-])-{0,3}[A-Za-z_][\w-]*(?![\w-])(?=[\]}]?[\s.]{0,30}(?:\+?[=:]|->|(?:is|ist|est|es)\s?:)|\s{1,4}["'])/
    .source,
].join('|');

/**
 * Names of programs that take secrets in ways of their own; not Airflow's, which is in every line.
 */
export const hasProgram = new RegExp(
  `(?<![\\w-])(?:${[...programSecrets.keys()].filter((name) => !/^(?:airflow|flask)/.test(name)).join('|')})(?:\\.exe)?(?![\\w-])`,
);

/** Global patterns of all landmarks; their first group matches a credential. */
export class Landmarks {
  readonly #plain = new RegExp(`(${keyFrame.source})|${landmark}`, 'g');
  readonly #full = new RegExp(`(${either([keyFrame, ...signTokens, wordToken])})|${landmark}`, 'g');

  /** The pattern for a text: most texts cannot hold a token and need only the shorter one. */
  for(text: string): RegExp {
    return mayHoldToken(text) ? this.#full : this.#plain;
  }
}
