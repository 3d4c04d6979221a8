import { cutText } from '../common/text.ts';

/**
 * Endings that mail programs turn into links without `https://`: the two letters of every country,
 * and these. https://data.iana.org/TLD/tlds-alpha-by-domain.txt holds over a thousand; these are
 * the old ones and those that are cheap to register.
 */
const longEndings = new Set(
  [
    'com net org info biz edu gov int mil name pro mobi asia jobs travel museum aero coop arpa',
    'app dev xyz site online shop store top club live link click icu vip cloud page pages web tech space',
    'website fun host hosting press news blog wiki email mail zone world today life center company',
    'digital agency group global network support solutions services systems software team tools work',
    'works download stream video chat bot art design media social studio win loan bid date men mov zip',
    'cam cyou rest bar monster quest sbs bond lol buzz pics skin autos beauty hair makeup academy help',
    'run security finance bank money capital business consulting engineering expert express',
  ].flatMap((line) => line.split(' ')),
);

/** Two letters, except the endings of files that are common in log lines. */
const fileEndings = new Set(['py', 'sh', 'md', 'so', 'db', 'js', 'ts', 'gz']);

/** Schemes that open something without `//` after them. */
const otherSchemes = /\b(mailto|tel|sms|callto|skype|sip|xmpp|msteams|slack):(?=\S)/gi;
/** What a host name may consist of; browsers read the full stops of other scripts as dots. */
const hostCharacters = /[\p{L}\p{N}_.。．｡-]+/gu;
const dots = /[.。．｡]/g;

/**
 * Changes a text from a log so that no program finds a link in it: `https://evil.com/x` becomes
 * `hxxps[:]//evil[.]com/x`, the usual notation for addresses that must not be opened. A second call
 * changes nothing.
 *
 * Mail addresses (`alice@example.com`) stay: they are common user names and open no page.
 */
export function withoutLinks(text: string): string {
  return text
    .replace(/(h)tt(ps?)?:\/\//gi, (_, h: string, rest = 'p') => `${h}xx${rest}[:]//`)
    .replaceAll('://', '[:]//')
    .replace(otherSchemes, '$1[:]')
    .replace(/(^|[\s"'([])\\\\([\w.-]{2,64}\\)(?!\\)/g, '$1[\\\\]$2')
    .replace(hostCharacters, (run, offset: number, whole: string) =>
      isLinked(run, whole, offset) ? run.replace(dots, '[.]') : run,
    );
}

function isLinked(run: string, whole: string, offset: number): boolean {
  const labels = run.split(dots).filter((label) => label !== '');
  if (labels.length < 2) return false;
  // No real name has them.
  if (/[。．｡]/.test(run)) return true;
  const before = whole.slice(Math.max(0, offset - 2), offset);
  if (before === '//' || /^www\d*$/i.test(labels[0] ?? '')) return true;
  const after = whole[offset + run.length];
  if (before.endsWith('@') && after !== '/' && after !== ':') return false;
  const ending = (labels.at(-1) ?? '').toLowerCase();
  // `u.id` is a column of SQL, and Indonesia assigns no hosts of one letter.
  if (ending === 'id' && labels.every(({ length }) => length <= 2)) return false;
  if (ending.startsWith('xn--') || (ending.codePointAt(0) ?? 0) > 0x7f) return true;
  return (/^[a-z]{2}$/.test(ending) && !fileEndings.has(ending)) || longEndings.has(ending);
}

/**
 * Characters that change how the text around them appears, or that are invisible: controls, line
 * and paragraph separators, writing directions, zero-width spaces, lone surrogates.
 */
const deceiving =
  /[\p{Cc}\p{Cs}\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]/gu;

const shortNames: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes log text safe to show anywhere: deceiving characters become escapes, and no part of it is a
 * link. Letters of any language stay.
 */
export function escaped(text: string): string {
  return withoutLinks(
    text.replace(
      deceiving,
      (character) =>
        shortNames[character] ??
        `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
    ),
  );
}

/** Whether a name is shown unchanged: it has no deceiving characters and no link. */
export function isShownAsItIs(name: string): boolean {
  return escaped(name) === name;
}

const plainName = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_.@+/:-]*$/u;

/**
 * The name of a user, role or DAG for use in a sentence; quoted if it could be mistaken for a part
 * of it.
 *
 * @param charactersMax longer names are cut and end with an ellipsis
 */
export function shownName(name: string, charactersMax = 64): string {
  const text = cutText(escaped(name), charactersMax);
  return plainName.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

/** `a, b and c`, or the first `namesMax` names `and 2 more`. */
export function shownNames(names: readonly string[], namesMax = 3, charactersMax?: number): string {
  const shown = names.slice(0, namesMax).map((name) => shownName(name, charactersMax));
  if (names.length > namesMax) shown.push(`${names.length - namesMax} more`);
  const last = shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}
