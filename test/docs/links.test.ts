import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { chosenEnvironments } from '../../infra/config/chosen-environments.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { found, pages, textOf } from './pages.ts';

const npmScript = /npm run ([\w:-]+)/g;
const filePath =
  /`((?:docs|environments|infra|lambda|queries|local|doctor|cli|test|bench)\/[^`\s*<>]*)`/g;
const cdkCommand = /^(npx cdk .*)$/gm;

/** The anchor that a host of repositories gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

test('the patterns below find what they look for', () => {
  expect(pages.length).toBeGreaterThan(60);
  const texts = pages.map(textOf).join('\n');
  expect(found(texts, npmScript)).toContain('demo');
  expect(found(texts, filePath)).toContain('docs/runbooks/add-role.md');
  expect(found(textOf('README.md'), cdkCommand).length).toBeGreaterThan(1);
});

describe.each(pages)('%s', (page) => {
  const text = textOf(page);

  test('links to files and headings that exist', () => {
    const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`]*`/g, '');
    const links = found(prose, /\]\(([^)]+)\)/g).filter((link) => !/^https?:/.test(link));
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(target)) return true;
      if (anchor === undefined) return false;
      const headings = found(readFileSync(target, 'utf8'), /^#+ (.*)$/gm);
      return !headings.map(anchorOf).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const scripts = found(text, npmScript);
    expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(scripts));
  });

  test('names files and folders that exist', () => {
    const paths = found(text, filePath);
    expect(paths.filter((path) => !existsSync(path) && !isExample(path))).toEqual([]);
  });
});

/** A file that its reader is to write, or one of a former version. */
function isExample(path: string): boolean {
  return (
    /…|\b(?:ID|NAME|ROOM)\b/.test(path) ||
    /^environments\/[\w.-]+\.yaml$/.test(path) ||
    ['docs/environment.example.yaml', 'docs/environments/example.yaml'].includes(path)
  );
}

describe.each(['README.md', 'docs/deploy.md'])('%s', (page) => {
  // The CDK CLI runs the app for every one of its commands, bootstrap included. One that names a stack
  // is for a monitor with a file.
  test.each(found(textOf(page), cdkCommand).filter((command) => !command.includes('$STACK')))(
    'names an environment in each command of the CDK: %s',
    (command) => {
      const options = [...command.matchAll(/-c (\w+)=(\S+)/g)].map(([, key, value]) => [
        key,
        value,
      ]);
      const empty = mkdtempSync(join(tmpdir(), 'environments-'));
      const chosen = chosenEnvironments(Object.fromEntries(options), empty);
      rmSync(empty, { recursive: true });
      expect(chosen).toHaveLength(1);
    },
  );
});

test('the version is the latest one of the changelog', () => {
  const [latest] = found(textOf('CHANGELOG.md'), /^## \[(\d+\.\d+\.\d+)\]/gm);
  expect(latest).toBe(packageJson.version);
});

test('.node-version is the Node that the project installs', () => {
  expect(readFileSync('.node-version', 'utf8').trim()).toBe(packageJson.devDependencies.node);
});

test.each(['missed-change', 'false-finding', 'bug', 'feature'])(
  'the issue form %s has a name, a description and fields with labels',
  (name) => {
    const form = parse(readFileSync(`.github/ISSUE_TEMPLATE/${name}.yml`, 'utf8'));
    const fields = form.body.filter(({ type }: { type: string }) => type !== 'markdown');
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) });
    expect(fields.length).toBeGreaterThan(2);
    for (const { id, attributes } of fields) {
      expect({ id, ...attributes }).toMatchObject({
        id: expect.stringMatching(/^[a-z]+$/),
        label: expect.any(String),
      });
    }
  },
);
