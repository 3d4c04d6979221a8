import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';

/** Variables of a process; those of the rehearsal itself are not inherited. */
export type Variables = Readonly<Record<string, string | undefined>>;

interface Place {
  readonly env: Variables;
  /** @default - the rehearsal's own working directory */
  readonly cwd?: string;
}

/**
 * The processes of a rehearsal. Each leads a group of its own, so that its children end with it, and
 * Ctrl+C reaches only the rehearsal, which then ends them in order.
 */
export class Processes {
  readonly #running = new Set<ChildProcess>();
  #isStopping = false;

  /** @param output a file for its output, or `pipe` */
  start(
    command: string,
    args: readonly string[],
    { env, cwd, output }: Place & { readonly output: string },
  ): ChildProcess {
    if (this.#isStopping) throw new Error(`${command} is not started: the rehearsal is ending`);
    const target = output === 'pipe' ? ('pipe' as const) : openSync(output, 'a');
    const child = spawn(command, args, {
      detached: true,
      env: env as NodeJS.ProcessEnv,
      ...(cwd !== undefined && { cwd }),
      // The emulator ends when its input ends: it cannot outlive a rehearsal that is killed.
      stdio: [output === 'pipe' ? 'ignore' : 'pipe', target, target],
    });
    this.#running.add(child);
    child.once('error', () => this.#running.delete(child));
    return child;
  }

  /** A process that has ended by itself. Its children may still run, and end with `stop`. */
  forget(child: ChildProcess): void {
    signalGroup(child, 'SIGKILL');
    this.#running.delete(child);
  }

  /** Ends all processes, gently at first, and waits until they have ended. */
  async stop(patienceMs = 5000): Promise<void> {
    this.#isStopping = true;
    const children = [...this.#running].reverse();
    for (const child of children) signalGroup(child, 'SIGTERM');
    await Promise.all(children.map((child) => endOf(child, patienceMs)));
    for (const child of children) signalGroup(child, 'SIGKILL');
    await Promise.all(children.map((child) => endOf(child, patienceMs)));
    this.#running.clear();
  }

  /** Ends all processes at once, without waiting: for the end of the rehearsal's own process. */
  kill(): void {
    this.#isStopping = true;
    for (const child of this.#running) signalGroup(child, 'SIGKILL');
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The group has ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function endOf(child: ChildProcess, patienceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** How a command ended. */
export interface CommandResult {
  /** -1 when it could not be started or was ended by a signal. */
  readonly exitCode: number;
  readonly stdout: string;
  /** Both streams, in the order of arrival. */
  readonly output: string;
}

/** Runs a command to its end, without a terminal and without input. */
export async function runCommand(
  processes: Processes,
  command: string,
  args: readonly string[],
  place: Place,
): Promise<CommandResult> {
  const child = processes.start(command, args, { ...place, output: 'pipe' });
  let stdout = '';
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(-1);
    });
    child.once('close', (code) => resolve(code ?? -1));
  });
  processes.forget(child);
  return { exitCode, stdout, output };
}

/**
 * The processes that have a folder in their environment, as all processes of a rehearsal have its
 * scratch folder. Only Linux lists environments; elsewhere none is found.
 */
export function processesOf(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => textOf(`/proc/${pid}/environ`).includes(folder))
    .map((pid) => `${pid} ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`);
}

/** Processes end while they are listed, and those of other people cannot be read. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
