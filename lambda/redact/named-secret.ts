import {
  isHeaderName,
  isSecretName,
  isSecretParameter,
  looksRandom,
} from './known/secret-names.ts';
import { takePairField } from './named-pair.ts';
import type { SecretLayer } from './secret-layer.ts';
import { takeAssigned, takePlainValue } from './secret-value.ts';
import { takeNamedParameters } from './sql-parameters.ts';
import { before } from './text/quoted-text.ts';

const nameGap =
  /[\]}]?[\s.]{0,30}(?:(?:is|ist|est|es)\s{0,3})?(?:::?=?|=>|->|\+=|={1,3}|：)\s{0,4}/y;
const assignment = /[\]}]?\+?=(?!=)/y;
const annotation = /(?:str|bytes|SecretStr|[Ss]tring|Optional\[str\])\s{0,4}=\s{0,4}/y;
/** A value of `Server=…;Password=…;`. */
const listedValue = /[^\s;"']*/y;
const space = /\s+/y;
const basicAuth = /\(\s*[bu]?(["'])[^"'\\]*\1\s*,\s*/y;
/** `password for eve: …` */
const ownedBy = /\s(?:for|of|für|de|del|di|van|voor)\s(?:user\s)?[^\s:=]{1,60}\s?[:=]\s{1,9}/iy;
const quotedNames = /^(?:password|by|convertto-securestring)$/i;
/** What comes before `password …` in ~/.netrc, or in a script that writes it. */
const login = /(?:\b|\\n)(?:login|account|user)\s{1,9}\S{1,99}?(?:\s{1,9}|\\n)$/;
const spacedNames = /^(?:requirepass|masterauth|bindpw|rootpw)$/;
const nextWord = /\s{1,9}(?:(?:of|for)\s[^\s:=]{1,60}\s)?(?:is[ \t]{1,9})?([^\s"'<>]{1,200})/y;

/**
 * Takes the value of a name that names a secret: after `=` or `:`, or in quotes after the name.
 *
 * @param index of the name
 * @param end index after the name
 * @returns where to read on
 */
export function takeNamed(layer: SecretLayer, name: string, index: number, end: number): number {
  const isSent = name === 'send' && isSentByExpect(layer, name, index);
  if (isSent) return takeSpaced(layer, name, index, end);
  if (name === 'auth' && !isInAddress(layer, index)) return takeBasicAuth(layer, name, end);
  if (name === 'secret' && /:\d{12}:$/.test(before(layer.text, index, 14))) return end;
  const isSecret = isInAddress(layer, index) ? isSecretParameter(name) : isSecretName(name);
  if (!isSecret && !layer.findings.travels.hasVariable(name) && !isByPassword(layer, name, index)) {
    const from = layer.matched(nameGap, end);
    if (from !== undefined) takeNamedParameters(layer, name, index, from);
    return takePairField(layer, name, end) ?? end;
  }
  const gap = layer.matched(nameGap, end);
  if (gap === undefined) return takeSpaced(layer, name, index, end);
  const assigned = layer.matched(assignment, end);
  if (assigned === undefined || isHeaderName(name)) {
    return takePlainValue(layer, name, layer.matched(annotation, gap) ?? gap);
  }
  if (layer.text[index - 1] === ';' && !/["']/.test(layer.text[assigned] ?? '')) {
    return layer.takeMatched(listedValue, assigned);
  }
  return takeAssigned(layer, name, index, assigned);
}

/** Takes `WITH PASSWORD '…'`, `IDENTIFIED BY '…'`, `login … password …`, `the password is …`. */
function takeSpaced(layer: SecretLayer, name: string, index: number, end: number): number {
  const from = layer.matched(space, end) ?? end;
  if (/["']/.test(layer.text[from] ?? '')) {
    const isQuoted = quotedNames.test(name) || isSentByExpect(layer, name, index);
    return isQuoted ? takePlainValue(layer, name, from) : end;
  }
  const owned = layer.matched(ownedBy, end);
  if (owned !== undefined) return takePlainValue(layer, name, owned);
  nextWord.lastIndex = end;
  const word = nextWord.exec(layer.text)?.[1] ?? '';
  const isOfLogin = spacedNames.test(name) || login.test(before(layer.text, index, 120));
  if (!isOfLogin && (word.includes('/') || !looksRandom(word))) return end;
  return layer.take(nextWord.lastIndex - word.length, nextWord.lastIndex);
}

/** Whether it is the `send` of `expect "Password:"; send "…"`. */
function isSentByExpect({ text }: SecretLayer, name: string, index: number): boolean {
  return (
    /^send$/i.test(name) &&
    /expect[^\n]{0,60}(?:ass(?:word|phrase|wd)|token)/i.test(before(text, index, 120))
  );
}

/** Whether a name is a parameter in a URL. */
function isInAddress({ text }: SecretLayer, index: number): boolean {
  return '?&'.includes(text[index - 1] ?? ' ');
}

/** Takes `auth=('name', 'password')`, an argument of Python's requests. */
function takeBasicAuth(layer: SecretLayer, name: string, end: number): number {
  const gap = layer.matched(nameGap, end);
  const second = gap === undefined ? undefined : layer.matched(basicAuth, gap);
  return second === undefined ? end : takePlainValue(layer, name, second);
}

function isByPassword({ text }: SecretLayer, name: string, index: number): boolean {
  if (/^convertto-securestring$/i.test(name)) return true;
  return /^by$/i.test(name) && /identified\s+(?:with\s+\w+\s+)?$/i.test(before(text, index, 80));
}
