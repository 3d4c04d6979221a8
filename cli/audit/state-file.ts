import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { fieldName } from '../../lambda/common/schema-issues.ts';
import { checkInput } from '../../queries/tools/checked-yaml.ts';
import { UserError } from '../shared/user-error.ts';
import { type AuditState, auditStateSchema } from './audit-state.ts';
import { codeOf } from './system-code.ts';

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
