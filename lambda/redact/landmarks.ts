import { openingQuote } from './quoted-literal.ts';

/** What stands for itself, whatever is around it. */
const credential = [
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/,
  // A JSON web token.
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/,
  // An AWS access key id, and the secret key when it follows.
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])(?:[^A-Za-z0-9/+]{1,20}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=]))?/,
  // A session token of AWS STS.
  /(?<![A-Za-z0-9/+])(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+=%]+/,
  // A password's hash, as Airflow keeps it in ab_user.
  /(?<!\w)(?:pbkdf2:sha\d{1,3}(?::\d{1,9})?|scrypt:\d{1,9}:\d{1,3}:\d{1,3})\$[^\s'"$]+\$[0-9a-fA-F]+/,
  /\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}/,
  // A Fernet key.
  /(?<![\w-])[\w-]{43}=(?![\w=])/,
].map(({ source }) => source);

/**
 * Everything at which a secret, or a text of its own, may begin. No alternative begins at every
 * character of a run, or a long run would be read again and again.
 */
const landmark = [
  `(${credential.join('|')})`,
  openingQuote.source,
  /(?<![\w-])-v*p/.source,
  /(?<![\w-])-u(?=[ \t])/.source,
  /(?<![\w-])--[A-Za-z][\w-]*/.source,
  /(?<![\w-])(?:[Bb]earer|BEARER)\s+(?=[\w.~+/=-]{16})/.source,
  /:\/\//.source,
  /%3[Aa]%2[Ff]%2[Ff]/.source,
  /(?<![\w-])-{0,3}[A-Za-z_][\w-]*(?![\w-])(?=\s{0,4}[=:]|\s{1,4}["'])/.source,
].join('|');

/** A global pattern of all landmarks; its first group is there when it found a credential. */
export function landmarkPattern(): RegExp {
  return new RegExp(landmark, 'g');
}
