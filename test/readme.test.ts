import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenEnvironments } from '../infra/chosen-environments.ts';
import { namesFor } from '../infra/names.ts';
import { logTypes } from '../lambda/log-types.ts';
import packageJson from '../package.json' with { type: 'json' };

const readme = readFileSync('README.md', 'utf8');
const found = (pattern: RegExp) => [...readme.matchAll(pattern)].map(([, group = '']) => group);

describe('the README', () => {
  // The CDK CLI runs the app for each of its commands, including bootstrap.
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

  test('names only npm scripts that exist', () => {
    const scripts = found(/npm run ([\w:-]+)/g);
    expect(scripts).toContain('demo');
    expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(scripts));
  });

  test('names only files and folders that exist', () => {
    const paths = found(
      /`((?:docs|environments|infra|lambda|queries|local|doctor|cli|test|bench)\/[^`\s]*)`/g,
    );
    expect(paths).toContain('docs/runbooks/add-role.md');
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('names every alarm', () => {
    const { alarms, prefix } = namesFor('Env');
    const [logType = 'Task'] = logTypes;
    const names = Object.values(alarms).map((name) =>
      typeof name === 'string' ? name : name(logType).replace(logType, '<LogType>'),
    );
    const untold = names
      .map((name) => name.slice(prefix.length + 1))
      .filter((name) => !readme.includes(`| \`${name}\``) && !readme.includes(`, \`${name}\``));
    expect(untold).toEqual([]);
  });
});
