import {
  isHeaderName,
  isSecretName,
  isSecretParameter,
  looksRandom,
} from './known/secret-names.ts';
import type { SecretLayer } from './secret-layer.ts';
import { takeAssigned, takePlainValue } from './secret-value.ts';
import { takeNamedParameters } from './sql-parameters.ts';
import { literalAt } from './text/quoted-literal.ts';
import { before } from './text/text-view.ts';

const nameField = /^(?:\w{0,20}(?:key|name)|variable|field|setting|parameter)$/i;
const valueField = /^(?:\w{0,20}value|val|string|data)$/i;
const elementOfName = /^(?:\w{0,20}(?:key|name)|t[hd]|dt)$/i;
const elementOfValue = /^(?:\w{0,20}value|val|string|data|td|dd)$/i;
const attributeName = /\s(?:key|name|id)=["']([\w.-]{1,100})["']/i;
const gap = /\s{0,9}(?::|=>|=)\s{0,9}/y;
const nameBehind =
  /\s{0,9},\s{0,99}["']?\w{0,20}(?:key|name)["']?\s{0,9}[:=]\s{0,9}["']?([\w.-]{1,100})/iy;
const plainName = /[\w./-]{1,100}/y;
const hashing =
  /^(?:generate_password_hash|(?:set|hash|encrypt|change|check|make|update)_?password(?:_hash)?|password|old_password|crypt|hashpw|SecretStr|SecretBytes)$/i;
const argumentGap = /\s{0,9},\s{0,9}/y;
const memberGap = /\s{0,99},\s{0,99}/y;
const memberEnd = /\s{0,9}[),]/y;
const elementText = /[^<]*/y;

/**
 * Characters of other fields that may be between a field with a secret's name and the one with its
 * value.
 */
const distanceMax = 150;

/**
 * Takes a secret whose name and value are separate fields: `{"name": "DB_PASSWORD", "value": "…"}`,
 * `key="password" value="…"`, in either order.
 *
 * @param field the name of a field
 * @param end index after the name and its closing quote
 * @returns where to read on; undefined if the field's value is no secret
 */
export function takePairField(layer: SecretLayer, field: string, end: number): number | undefined {
  if (field.length > 40) return undefined;
  const valueStart = layer.matched(gap, end);
  if (valueStart === undefined) return undefined;
  if (nameField.test(field)) {
    const literal = literalAt(layer, valueStart);
    const name = literal?.content.text ?? plainText(layer, valueStart);
    if (isSecretName(name)) layer.secretValueUntil = fieldsEnd(layer, valueStart + name.length);
    return undefined;
  }
  if (!valueField.test(field)) return undefined;
  if (valueStart <= layer.secretValueUntil || isNamedBehind(layer, valueStart)) {
    layer.secretValueUntil = -1;
    return takePlainValue(layer, field, valueStart);
  }
  return undefined;
}

/** The index up to which fields belong to a name: at most the brace that closes them. */
function fieldsEnd({ text }: SecretLayer, from: number): number {
  const close = text.slice(from, from + distanceMax).indexOf('}');
  return from + (close === -1 ? distanceMax : close);
}

function plainText(layer: SecretLayer, from: number): string {
  return layer.text.slice(from, layer.matched(plainName, from) ?? from);
}

function isNamedBehind(layer: SecretLayer, valueStart: number): boolean {
  const end = literalAt(layer, valueStart)?.end;
  if (end === undefined) return false;
  nameBehind.lastIndex = end;
  const name = nameBehind.exec(layer.text)?.[1];
  return name !== undefined && isSecretName(name);
}

/**
 * Takes the second member of `('password', '…')`, a tuple or the arguments of a call that sets a
 * value.
 *
 * @param index of the first member's quote
 * @param end index after the first member
 * @returns where to read on; undefined if there is no such member
 */
export function takeSecondMember(
  layer: SecretLayer,
  index: number,
  end: number,
): number | undefined {
  const opening =
    /(\w?)\s{0,9}\([bBuUrR]?$/.exec(before(layer.text, index, 20)) ??
    /(se)t\w{0,20}\([^()]{1,80},\s?$/.exec(before(layer.text, index, 110));
  const start = opening === null ? undefined : layer.matched(memberGap, end);
  const literal = start === undefined ? undefined : literalAt(layer, start);
  if (literal === undefined) return undefined;
  const close = layer.matched(memberEnd, literal.end);
  const isCall = opening?.[1] !== '';
  if (close === undefined || (!isCall && layer.text[close - 1] !== ')')) return undefined;
  return layer.take(literal.contentStart, literal.contentEnd, literal.end);
}

/** Functions whose arguments are a user's name and a password. */
const signing =
  /(?:basic|digest|ntlm)_?auth\w{0,20}$|^(?:login|log_?in|sign_?in|authenticate|auth)$|^UsernamePassword/i;

/** Takes the last literal argument of a function for passwords: `generate_password_hash('…')`. */
export function takeCall(layer: SecretLayer, name: string, from: number): number {
  const needsTwo = signing.test(name);
  if (!needsTwo && !hashing.test(name)) return from;
  const first = literalAt(layer, layer.text[from] === ' ' ? from + 1 : from);
  let last = first;
  for (let next = last; next !== undefined; ) {
    last = next;
    const start = layer.matched(argumentGap, next.end);
    next = start === undefined ? undefined : literalAt(layer, start);
  }
  if (last === undefined || (needsTwo && last === first)) return from;
  return layer.take(last.contentStart, last.contentEnd, last.end);
}

/**
 * Takes the text of an XML element whose name or attribute says that it is a secret.
 *
 * @param tag the opening tag
 * @param end index after the tag
 * @returns where to read on
 */
export function takeElement(layer: SecretLayer, tag: string, end: number): number {
  const name = /^<([\w:.-]+)/.exec(tag)?.[1] ?? '';
  const insideTag = end - tag.length + 1;
  if (tag.endsWith('/>')) return insideTag;
  const cdata = layer.text.startsWith('<![CDATA[', end);
  const from = cdata ? end + '<![CDATA['.length : end;
  const to = layer.matched(elementText, from) ?? from;
  const text = layer.text.slice(from, Math.min(to, from + 200)).trim();
  const local = name.slice(name.indexOf(':') + 1);
  const attribute = attributeName.exec(tag)?.[1];
  if (attribute !== undefined && isSecretName(attribute) && text !== '')
    return layer.take(from, to);
  if (elementOfName.test(local) && isSecretName(text)) layer.secretValueUntil = to + distanceMax;
  else if (isSecretName(local) || (elementOfValue.test(local) && from <= layer.secretValueUntil)) {
    layer.secretValueUntil = -1;
    return layer.take(from, to);
  }
  return insideTag;
}

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
