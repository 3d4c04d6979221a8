import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockState } from '../../../cli/audit/state-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'audit-lock-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'a.json');
const lock = `${path}.lock`;
afterEach(() => rmSync(lock, { force: true }));

const host = hostname();
const self = { pid: process.pid, host };
/** The pid of a process that has ended. */
const { pid: endedPid } = spawnSync(process.execPath, ['--version']);

test('releasing a lock leaves no file', () => {
  const release = lockState(path, self);
  expect(readFileSync(lock, 'utf8')).toBe(`${process.pid} ${host}\n`);
  release();
  expect(readdirSync(directory)).toEqual([]);
});

test.each([
  ['of a running process', { pid: process.ppid, host }],
  ['of another machine', { pid: endedPid, host: `${host}-2` }],
])('a lock %s is respected', (_whose, holder) => {
  const text = `${holder.pid} ${holder.host}\n`;
  writeFileSync(lock, text);
  expect(() => lockState(path, self)).toThrow(
    `--state ${path}: another audit uses it (process ${holder.pid} on ${holder.host})`,
  );
  expect(readFileSync(lock, 'utf8')).toBe(text);
});

test.each([
  ['of a process that has ended', endedPid],
  ['of an earlier process with the same pid', process.pid],
])('a lock %s is taken over', (_whose, pid) => {
  writeFileSync(lock, `${pid} ${host}\n`);
  lockState(path, self)();
  expect(readdirSync(directory)).toEqual([]);
});

test('a lock that another run has taken over is not released', () => {
  const release = lockState(path, self);
  const text = `${process.ppid} ${host}\n`;
  writeFileSync(lock, text);
  release();
  expect(readFileSync(lock, 'utf8')).toBe(text);
});

test.each(['', 'x', '12', '0 h\n'])(
  'a lock with the text %j is an error, and is not deleted',
  (text) => {
    writeFileSync(lock, text);
    expect(() => lockState(path, self)).toThrow(`${lock} must name the process`);
    expect(readFileSync(lock, 'utf8')).toBe(text);
  },
);

test('a lock that cannot be written is reported as a state that cannot be written', () => {
  const missing = join(directory, 'none', 'a.json');
  expect(() => lockState(missing, self)).toThrow(`--state ${missing}: cannot be written (ENOENT)`);
});
