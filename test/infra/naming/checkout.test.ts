import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { runbookFolder } from '../../../infra/naming/checkout.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const folder = (remoteUrl: string, prefix = '') => runbookFolder({ remoteUrl, commit, prefix });

test.each([
  'https://github.com/acme/monitor.git',
  'https://github.com/acme/monitor',
  'git@github.com:acme/monitor.git',
  'ssh://git@github.com/acme/monitor.git',
  'ssh://git@github.com:22/acme/monitor',
])('the runbooks of a clone from %s are there, at the commit', (remoteUrl) => {
  expect(folder(remoteUrl)).toBe(`https://github.com/acme/monitor/blob/${commit}/docs/runbooks`);
});

test.each([
  ['git@gitlab.example.com:a/b/c.git', `https://gitlab.example.com/a/b/c/-/blob/${commit}`],
  [
    'https://bob@bitbucket.org/acme/monitor.git',
    `https://bitbucket.org/acme/monitor/src/${commit}`,
  ],
])('each site has its own addresses: %s', (remoteUrl, start) => {
  expect(folder(remoteUrl)).toBe(`${start}/docs/runbooks`);
});

test('the credentials of a remote come into no link', () => {
  const link = folder('https://x-access-token:Fake-token-1@github.com/acme/monitor.git');
  expect(link).toBe(`https://github.com/acme/monitor/blob/${commit}/docs/runbooks`);
});

test('a project within a repository is found in its folder', () => {
  expect(folder('git@github.com:acme/all.git', 'tools/monitor/')).toBe(
    `https://github.com/acme/all/blob/${commit}/tools/monitor/docs/runbooks`,
  );
});

test.each([
  '/srv/git/monitor.git',
  '../monitor',
  'file:///srv/git/monitor',
  'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/monitor',
  'codecommit::eu-west-1://monitor',
  'https://github.com/',
  'https://evil.com/github.com/acme/monitor',
])('there is no link into %s', (remoteUrl) => {
  expect(folder(remoteUrl)).toBeUndefined();
});

test('every address of a checkout is one that an environment’s file may have', () => {
  const runbookBaseUrl = folder('git@github.com:acme/monitor.git');
  expect(
    environmentSchema.safeParse({ mwaaEnvironment: 'prod', runbookBaseUrl }).data?.runbookBaseUrl,
  ).toBe(runbookBaseUrl);
});

test.each([
  'http://wiki.example.com/',
  'https://',
  'wiki.example.com',
  'https://w.example.com/a b',
  'https://w.example.com/?q=1',
  `https://w.example.com/${'r'.repeat(300)}`,
])('runbookBaseUrl must be a plain https address, and is not %s', (runbookBaseUrl) => {
  const { error } = environmentSchema.safeParse({ mwaaEnvironment: 'prod', runbookBaseUrl });
  expect(error?.issues[0]?.path).toEqual(['runbookBaseUrl']);
});
