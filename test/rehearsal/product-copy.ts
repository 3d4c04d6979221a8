import { cp, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** What `cdk deploy`, `privilege-monitor` and the packages need. */
const folders = [
  ...['cli', 'docs', 'doctor', 'environments', 'infra', 'lambda', 'local', 'queries'],
  ...['packaging', 'query-language'],
];
const files = ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'];

/**
 * Copies the product as a newcomer has it after `npm ci`, without the environments that somebody works
 * with here. Installed packages are linked, except the project's own command, which runs from the copy.
 */
export async function copyProduct(to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of [...folders, ...files]) {
    await cp(join(projectRoot, name), join(to, name), {
      recursive: true,
      filter: (source) => !isOwnEnvironment(source),
    });
  }
  await linkPackages(join(projectRoot, 'node_modules'), join(to, 'node_modules'));
}

function isOwnEnvironment(source: string): boolean {
  return source.startsWith(join(projectRoot, 'environments/')) && /\.ya?ml$/.test(basename(source));
}

async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    const source = join(from, name);
    const target = join(to, name);
    const links = await ownLinks(source);
    if (name === '.bin' || links.length > 0) {
      await mkdir(target);
      // Relative, so that they lead to packages and commands of the copy.
      for (const link of links)
        await symlink(await readlink(join(source, link)), join(target, link));
    } else if (name !== '.cache') {
      await symlink(source, target);
    }
  }
}

/** The symbolic links in a folder of links: `.bin`, or the scope of the workspaces. */
async function ownLinks(folder: string): Promise<string[]> {
  const isScope = basename(folder) === '.bin' || basename(folder).startsWith('@');
  const names = isScope ? await readdir(folder) : [];
  const links: string[] = [];
  for (const name of names) {
    if ((await lstat(join(folder, name))).isSymbolicLink()) links.push(name);
  }
  return links;
}
