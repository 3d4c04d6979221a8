import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fieldName, valueAt } from '../../lambda/common/parse-input.ts';
import { checkInput } from '../../queries/tools/checked-yaml.ts';
import { UserError } from '../common/output.ts';
import { type AuditState, auditStateSchema } from './audit-state.ts';

/** The operating system's error code, such as `ENOSPC`, or the error as text. */
function codeOf(error: unknown): string {
  const code = valueAt(error, ['code']);
  return typeof code === 'string' ? code : String(error);
}

/** Only this user may read the findings. */
const mode = 0o600;

/**
 * Reads the state that an earlier run stored.
 *
 * @returns undefined when the file does not exist
 * @throws UserError, InputError for a file that cannot be read or is not the state of an audit
 */
export async function readState(path: string): Promise<AuditState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new UserError(`--state ${path}: cannot be read (${codeOf(cause)})`, { cause });
  }
  return checkInput(auditStateSchema, parsed(path, text), (field) => {
    return `--state ${path}: ${fieldName(field) || 'the file'}`;
  });
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(
      `--state ${path}: must be JSON written by an audit (it has ${text.length} characters); give another file`,
      { cause },
    );
  }
}

/** Stores the state of a run in a file that is complete at any time. */
export class StateFile {
  readonly #path: string;
  #next: AuditState | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Resolves when the file has this state, or a later one.
   *
   * @throws UserError when it cannot be written; the file then has its previous content
   */
  async save(state: AuditState): Promise<void> {
    this.#next = state;
    while (this.#next !== undefined) {
      this.#writing ??= this.#writeNext();
      await this.#writing;
    }
  }

  async #writeNext(): Promise<void> {
    try {
      const state = this.#next;
      this.#next = undefined;
      if (state !== undefined) await writeWhole(this.#path, `${JSON.stringify(state)}\n`);
    } finally {
      this.#writing = undefined;
    }
  }
}

/**
 * Writes a temporary file, and renames it. Its name is unpredictable: in a folder that others may
 * write to, a link of a known name would redirect the write to any file of this user.
 */
async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(beside, 'wx', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw new UserError(`--state ${path}: cannot be written (${codeOf(cause)})`, { cause });
  }
}

/** The process that holds a lock. */
interface LockHolder {
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
