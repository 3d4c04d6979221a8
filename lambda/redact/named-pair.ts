import { isSecretName } from './known/secret-names.ts';
import type { SecretLayer } from './secret-layer.ts';
import { takePlainValue } from './secret-value.ts';
import { literalAt } from './text/quoted-literal.ts';
import { before } from './text/quoted-text.ts';

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
