import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Processes, processesOf, runCommand } from './processes.ts';
import { until } from './until.ts';

const processes = new Processes();
afterAll(() => processes.kill());

const node = (program: string) => runCommand(processes, process.execPath, ['-e', program], place);
const place = { env: { PATH: process.env.PATH, MARKED: 'by this test' } };

test('a command ends with its exit code and output, and only with the given variables', async () => {
  const program = 'console.log(process.env.MARKED, process.env.HOME); process.exit(3)';
  const { exitCode, stdout } = await node(program);
  expect([exitCode, stdout]).toEqual([3, 'by this test undefined\n']);
});

test('a command that cannot be started says so', async () => {
  const { exitCode, output } = await runCommand(processes, '/nowhere/to/find', [], place);
  expect(exitCode).toBe(-1);
  expect(output).toContain('ENOENT');
});

const forLinux = process.platform === 'linux' ? test : test.skip;

forLinux('a process ends together with the processes that it started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'processes-'));
  try {
    const own = new Processes();
    const grandchild =
      "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1e6)";
    const program = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' })`;
    const env = { PATH: process.env.PATH, FOLDER: folder };
    const child = own.start(process.execPath, ['-e', program], { env, output: 'pipe' });
    await once(child.stdout as NodeJS.EventEmitter, 'data');
    expect(processesOf(folder)).toHaveLength(2);
    await own.stop(100);
    // A process that nobody waits for ends some time after it was killed.
    await until('none is left', 30, async () => processesOf(folder).length === 0);
    expect(() => own.start('true', [], { env, output: 'pipe' })).toThrow('the rehearsal is ending');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
