/**
 * Endings that mail programs take for those of a host without `https://` before it: every country's two
 * letters, and these. https://data.iana.org/TLD/tlds-alpha-by-domain.txt holds over a thousand; these
 * are the old ones and those that are cheap to register.
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

/** Of two letters, but the endings of files that log lines are full of. */
const fileEndings = new Set(['py', 'sh', 'md', 'so', 'db', 'js', 'ts', 'gz']);

/** Schemes that open something without `//` after them. */
const otherSchemes = /\b(mailto|tel|sms|callto|skype|sip|xmpp|msteams|slack):(?=\S)/gi;
/** What a host's name may consist of; the full stops of other scripts are read as dots by browsers. */
const hostCharacters = /[\p{L}\p{N}_.。．｡-]+/gu;
const dots = /[.。．｡]/g;

/**
 * Text from a log in which no program finds a link: `https://evil.com/x` is shown as
 * `hxxps[:]//evil[.]com/x`, as people write addresses that are not to be opened. A text that was
 * treated stays as it is.
 *
 * Addresses of mail (`alice@example.com`) stay: they are usual names of users, and open no page.
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
  // Nobody's names have them.
  if (/[。．｡]/.test(run)) return true;
  const before = whole.slice(Math.max(0, offset - 2), offset);
  if (before === '//' || /^www\d*$/i.test(labels[0] ?? '')) return true;
  const after = whole[offset + run.length];
  if (before.endsWith('@') && after !== '/' && after !== ':') return false;
  const ending = (labels.at(-1) ?? '').toLowerCase();
  // `u.id` is a column of SQL: Indonesia gives no hosts of one letter.
  if (ending === 'id' && labels.every(({ length }) => length <= 2)) return false;
  if (ending.startsWith('xn--') || (ending.codePointAt(0) ?? 0) > 0x7f) return true;
  return (/^[a-z]{2}$/.test(ending) && !fileEndings.has(ending)) || longEndings.has(ending);
}
