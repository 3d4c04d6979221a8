import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { UserError } from '../shared/user-error.ts';
import { codeOf } from './system-code.ts';

/** The process that holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
}

const thisProcess: LockHolder = { pid: process.pid, host: hostname() };

/**
 * Locks a state file, since two runs that write it would each lose the other's readings. The lock
 * is a file next to it, which is deleted at the end of the process at the latest; the lock of a
 * killed process is taken over.
 *
 * @returns a function that releases the lock
 * @throws UserError when another run has the lock, or it cannot be written
 */
export function lockState(path: string, self: LockHolder = thisProcess): () => void {
  const lock = `${path}.lock`;
  while (!wasWritten(path, lock, self)) {
    const text = textOf(path, lock);
    if (text === undefined) continue;
    const holder = holderOf(text);
    if (holder === undefined) {
      throw new UserError(
        `--state ${path}: ${lock} must name the process that writes the state, got ${JSON.stringify(text.slice(0, 40))}; delete it if no other audit uses this file`,
      );
    }
    if (isRunning(holder, self)) {
      throw new UserError(
        `--state ${path}: another audit uses it (process ${holder.pid} on ${holder.host}): wait until it has ended, or give another file; if that process is not an audit, delete ${lock}`,
      );
    }
    takeAway(lock, text, self);
  }
  const release = () => {
    process.off('exit', release);
    takeAway(lock, textFor(self), self);
  };
  process.on('exit', release);
  return release;
}

function wasWritten(path: string, lock: string, self: LockHolder): boolean {
  try {
    writeFileSync(lock, textFor(self), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw new UserError(`--state ${path}: cannot be written (${codeOf(cause)})`, { cause });
  }
}

/** @returns undefined when the lock has just been released */
function textOf(path: string, lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new UserError(`--state ${path}: ${lock} cannot be read (${codeOf(cause)})`, { cause });
  }
}

/** Deletes the lock only if its text is unchanged: another run may have taken it over since. */
function takeAway(lock: string, text: string, self: LockHolder): void {
  const aside = `${lock}.${self.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') === text) rmSync(aside, { force: true });
  else renameSync(aside, lock);
}

/** A process on another machine counts as running; one with our own pid must be an earlier one. */
function isRunning({ pid, host }: LockHolder, self: LockHolder): boolean {
  if (host !== self.host) return true;
  if (pid === self.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function textFor({ pid, host }: LockHolder): string {
  return `${pid} ${host}\n`;
}

function holderOf(text: string): LockHolder | undefined {
  const [, pid, host] = /^([1-9]\d{0,9}) (\S+)\n$/.exec(text) ?? [];
  return pid === undefined || host === undefined ? undefined : { pid: Number(pid), host };
}
