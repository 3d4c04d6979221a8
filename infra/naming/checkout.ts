import { execFileSync } from 'node:child_process';

/** Where a checkout of this project comes from. */
interface Checkout {
  /** The address of its remote `origin`, as git has it. */
  readonly remoteUrl: string;
  /** The commit that is checked out. */
  readonly commit: string;
  /** The path of this project in the repository: empty, or with a slash at its end. */
  readonly prefix: string;
}

/** How each site addresses a folder at a commit. */
const sites: readonly (readonly [host: RegExp, path: string])[] = [
  [/^github\.[a-z0-9.-]+$/, '/blob/'],
  [/^gitlab\.[a-z0-9.-]+$/, '/-/blob/'],
  [/^bitbucket\.org$/, '/src/'],
];

/**
 * The address of the folder of runbooks at a commit. Credentials in the address of a remote are left out.
 *
 * @returns undefined for a site that is not known
 */
export function runbookFolder({ remoteUrl, commit, prefix }: Checkout): string | undefined {
  const [, host = '', path = ''] =
    /^(?:https?:\/\/|ssh:\/\/)(?:[^@/]*@)?([^:/]+)(?::\d+)?\/(.+?)(?:\.git)?\/?$/.exec(remoteUrl) ??
    /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+?)(?:\.git)?\/?$/.exec(remoteUrl) ??
    [];
  const site = sites.find(([hosts]) => hosts.test(host.toLowerCase()));
  if (site === undefined || !/^[A-Za-z0-9._~/-]+$/.test(`${path}${prefix}`)) return undefined;
  return `https://${host.toLowerCase()}/${path}${site[1]}${commit}/${prefix}docs/runbooks`;
}

/**
 * The runbooks in the repository that this checkout was cloned from, at its commit.
 *
 * @param projectRoot the folder of this project
 * @returns undefined without git, without a remote on a site that is known, and for a commit that is in no
 *   branch or tag of the remote: a link to it would lead nowhere
 */
export function runbooksOfCheckout(projectRoot: string): string | undefined {
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, {
      cwd: projectRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const remoteUrl = git('remote', 'get-url', 'origin');
    const commit = git('rev-parse', 'HEAD');
    const published = git(
      ...['for-each-ref', '--count=1', '--contains=HEAD', '--format=%(refname)'],
      ...['refs/remotes', 'refs/tags'],
    );
    if (published === '') return undefined;
    const prefix = git('rev-parse', '--show-prefix');
    // A copy of this project within another repository need not be a part of it.
    git('cat-file', '-e', `HEAD:${prefix}docs/runbooks`);
    return runbookFolder({ remoteUrl, commit, prefix });
  } catch {
    return undefined;
  }
}
