import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import cdkJson from '../../cdk.json' with { type: 'json' };

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'project-node-'));
afterAll(() => rmSync(work, { recursive: true }));

/** A Node 24 that calls itself Node 20, which is what the launchers ask. */
const pretendOld = `data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`,
)}`;

function runUnderOldNode(script: string, ...args: string[]) {
  return spawnSync(process.execPath, ['--import', pretendOld, script, ...args], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, HOME: work, CDK_OUTDIR: join(work, 'cdk.out') },
    encoding: 'utf8',
  });
}

test('a global cdk on an old Node synthesizes by the Node of the project', () => {
  const [node, script = ''] = cdkJson.app.split(' ');
  expect(node).toBe('node');
  const { status, stderr } = runUnderOldNode(script, '-c', 'mwaaEnvironment=pr.od');
  expect(stderr).toMatch(/^-c mwaaEnvironment: must begin with a letter/);
  expect(status).toBe(1);
});

test('the command runs by the Node of the project on an old Node', () => {
  const { status, stdout } = runUnderOldNode('cli/privilege-monitor.js', '--version');
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(status).toBe(0);
});
