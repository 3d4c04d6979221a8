import { before } from './quoted-text.ts';
import type { SecretLayer } from './secret-layer.ts';
import { isHeaderName, isSecretName } from './secret-names.ts';
import { takeAssigned, takePlainValue } from './secret-value.ts';

const nameGap = /\s{0,4}(?::|=>|=)\s{0,4}/y;
const space = /\s+/y;
const basicAuth = /\(\s*[bu]?(["'])[^"'\\]*\1\s*,\s*/y;

/**
 * Takes the value of a name that `=`, `:` or a quoted text follows, where the name is of a secret.
 *
 * @param index of the name
 * @returns where to read on
 */
export function takeNamed(layer: SecretLayer, name: string, index: number, end: number): number {
  if (name === 'auth') return takeBasicAuth(layer, name, end);
  if (!isSecretName(name) && !layer.findings.known.has(name) && !isByPassword(layer, name, index)) {
    return end;
  }
  const gap = layer.matched(nameGap, end);
  if (gap === undefined) {
    // `WITH PASSWORD '…'`, `IDENTIFIED BY '…'`
    const isSql = /^(?:password|by)$/i.test(name);
    return isSql ? takePlainValue(layer, name, layer.matched(space, end) ?? end) : end;
  }
  if (layer.text[end] !== '=' || isHeaderName(name)) return takePlainValue(layer, name, gap);
  return takeAssigned(layer, name, index, end + 1);
}

/** `auth=('name', 'password')`, as Python's requests takes it. */
function takeBasicAuth(layer: SecretLayer, name: string, end: number): number {
  const gap = layer.matched(nameGap, end);
  const second = gap === undefined ? undefined : layer.matched(basicAuth, gap);
  return second === undefined ? end : takePlainValue(layer, name, second);
}

function isByPassword({ text }: SecretLayer, name: string, index: number): boolean {
  return /^by$/i.test(name) && /identified\s+$/i.test(before(text, index, 30));
}
