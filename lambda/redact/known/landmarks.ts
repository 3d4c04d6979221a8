import { openingQuote } from '../text/quoted-literal.ts';
import { programSecrets } from './program-secrets.ts';
import { keyFrame, mayHoldToken, signTokens, wordToken } from './vendor-tokens.ts';

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
