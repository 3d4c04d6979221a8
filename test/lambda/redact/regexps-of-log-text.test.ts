import { readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parse } from '@babel/parser';
import { readRegexpSource } from '../../../query-language/regexp/parse-regexp.ts';
import { growthOfBuiltins, linearGrowth } from '../../counted-steps.ts';
import { hostileStrings } from '../../queries/hostile-strings.ts';

/**
 * Every JavaScript regexp of the function, for nearly all of them see text from a log, or could
 * after a small change. V8 backtracks: each must be linear in the worst texts that its own tree
 * gives.
 */
const lambda = fileURLToPath(new URL('../../../lambda/', import.meta.url));

interface Literal {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

const literals: Literal[] = [];
/** Places that compose a regexp at run time, by file. */
const composing = new Map<string, number>();

for (const file of readdirSync(lambda, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts')) continue;
  const text = readFileSync(`${lambda}${file}`, 'utf8');
  collect(parse(text, { sourceType: 'module', plugins: ['typescript'] }).program, file);
}

function collect(node: unknown, file: string): void {
  if (Array.isArray(node)) for (const member of node) collect(member, file);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  const { type, pattern, flags, callee } = node as Record<string, unknown>;
  if (type === 'RegExpLiteral') {
    literals.push({ file, source: String(pattern), flags: String(flags) });
  }
  const called = (callee as { name?: unknown } | undefined)?.name;
  if ((type === 'NewExpression' || type === 'CallExpression') && called === 'RegExp') {
    composing.set(file, (composing.get(file) ?? 0) + 1);
  }
  for (const member of Object.values(node)) collect(member, file);
}

/** Not linear, and why that does no harm. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ['\\/+$', "the host of the environment's web server, from the answer of an AWS API"],
]);

/**
 * For the texts only: what looks around takes no characters, and JavaScript's own is written as
 * RE2's.
 */
function treeOf({ source, flags }: Literal) {
  const plain = withoutLookAround(source)
    .replaceAll('[^]', '(?s:.)')
    .replaceAll(/\\u\{([0-9a-f]+)\}/gi, '\\x{$1}')
    .replaceAll(/\\u([0-9a-f]{4})/gi, '\\x{$1}')
    .replaceAll(/\\[1-9]/g, '')
    .replaceAll(/\\p\{C[cs]\}/g, '\\x01');
  return readRegexpSource(`${flags.includes('i') ? '(?i)' : ''}${plain}`).root;
}

/** A look-ahead is replaced by its content, which comes next in the worst texts. */
function withoutLookAround(source: string): string {
  let written = '';
  let depth = 0;
  let dropsFrom = -1;
  for (let at = 0; at < source.length; at += 1) {
    const [group = ''] = /^\(\?<?[!=]/.exec(source.slice(at)) ?? [];
    const unit = source[at] === '\\' ? source.slice(at, at + 2) : (source[at] ?? '');
    const inClass =
      unit === '[' ? (/^\[(?:\\.|[^\]\\])*\]/.exec(source.slice(at))?.[0] ?? unit) : unit;
    if (unit === '(') depth += 1;
    if (group !== '' && dropsFrom < 0 && group !== '(?=') dropsFrom = depth;
    if (dropsFrom < 0) written += group === '(?=' ? '(?:' : inClass;
    if (unit === ')') {
      if (depth === dropsFrom) dropsFrom = -1;
      depth -= 1;
    }
    at += (group === '(?=' && dropsFrom < 0 ? group : inClass).length - 1;
  }
  return written;
}

const maxTexts = 24;
/** It has hundreds of alternatives; each that is a literal is judged by itself as well. */
const maxTextsOfComposed = 400;

/** How much more work the worst texts take when they are twice as long. */
function growthOf(literal: Literal, textsMax = maxTexts): number {
  const regexp = new RegExp(literal.source, literal.flags.replace('g', ''));
  const all = hostileStrings(treeOf(literal));
  const texts = all.filter((_, at) => at % Math.ceil(all.length / textsMax) === 0);
  return growthOfBuiltins((size) => {
    const hostile = texts.map(({ text }) => text(size));
    return () => {
      for (const text of hostile) {
        regexp.lastIndex = 0;
        regexp.test(text);
      }
    };
  }, 512);
}

test.each(literals.filter(({ source }) => !exceptions.has(source)))(
  '$file: /$source/$flags is linear in the worst texts that it gives',
  (literal) => {
    expect(growthOf(literal)).toBeLessThan(linearGrowth + 0.1);
  },
);

test.each([
  '"(?:GET|POST) ([^ "]+)[^"]*"',
  '\\[\\s*[\'"](?:\\S*\\/)?(?:airflow|flask)[\'"]',
  '\\s+$',
  '(?<!x)"[^z]*;',
  'x(?=\\s*\\w*!)',
])('a regexp that is not linear is detected: /%s/', (source) => {
  expect(growthOf({ file: '', source, flags: '' })).toBeGreaterThan(linearGrowth + 0.1);
});

test('every exception is for an existing regexp', () => {
  const sources = new Set(literals.map(({ source }) => source));
  expect([...exceptions.keys()].filter((source) => !sources.has(source))).toEqual([]);
});

interface Composed extends Literal {
  /** Line and column in the file. */
  readonly place: string;
}

/** The regexps that the files compose when they are loaded, and when they read a first line. */
async function composedRegexps(): Promise<readonly Composed[]> {
  const own = globalThis.RegExp;
  const found = new Map<string, Composed>();
  const take = (regexp: RegExp) => {
    const [, file, place] =
      /(?<!\/test)\/lambda\/([\w./-]+\.ts)\?composed:(\d+:\d+)/.exec(
        new Error('where').stack ?? '',
      ) ?? [];
    if (file !== undefined && place !== undefined) {
      found.set(`${file}:${place}`, { file, place, source: regexp.source, flags: regexp.flags });
    }
    return regexp;
  };
  globalThis.RegExp = new Proxy(own, {
    construct: (target, [pattern, flags]: [string | RegExp, string?]) =>
      take(new target(pattern, flags)),
    apply: (target, _, [pattern, flags]: [string | RegExp, string?]) =>
      take(target(pattern, flags)),
  });
  // Other suites of this process have loaded some of these files: each is loaded once more.
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const isOurs = /(?<!\/test)\/lambda\/[\w./-]+\.ts$/.test(resolved.url);
      return isOurs ? { ...resolved, url: `${resolved.url}?composed` } : resolved;
    },
  });
  try {
    const { redactSecrets } = await import('../../../lambda/redact/redact.ts');
    redactSecrets('airflow users create -u eve -p secret');
    for (const file of composing.keys()) await import(`../../../lambda/${file}`);
  } finally {
    hooks.deregister();
    globalThis.RegExp = own;
  }
  return [...found.values()];
}

const composed = await composedRegexps();

test('every place that composes a regexp is judged', () => {
  const places = new Map<string, number>();
  for (const { file } of composed) places.set(file, (places.get(file) ?? 0) + 1);
  expect(places).toEqual(composing);
});

test.each(composed)(
  'what $file:$place puts together is linear in the worst texts that it gives',
  (one) => {
    expect(growthOf(one, maxTextsOfComposed)).toBeLessThan(linearGrowth + 0.1);
  },
);
