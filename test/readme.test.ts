import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenEnvironments } from '../infra/chosen-environments.ts';
import packageJson from '../package.json' with { type: 'json' };

const readme = readFileSync('README.md', 'utf8');
const found = (pattern: RegExp) => [...readme.matchAll(pattern)].map(([, group = '']) => group);

describe('the README', () => {
  // The CDK CLI runs the app for every one of its commands, bootstrap included.
  test.each(found(/^(npx cdk .*)$/gm))(
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

  test('speaks of npm scripts that there are', () => {
    const scripts = found(/npm run ([\w:-]+)/g);
    expect(scripts).toContain('demo');
    expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(scripts));
  });

  test('speaks of files and folders that there are', () => {
    const paths = found(
      /`((?:docs|environments|infra|lambda|queries|local|doctor|cli|test|bench)\/[^`\s]*)`/g,
    );
    expect(paths).toContain('docs/runbooks/add-role.md');
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});
