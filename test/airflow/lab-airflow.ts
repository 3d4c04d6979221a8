import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RestAnswer, RestRequest } from '../../local/aws-endpoints/airflow/airflow-state.ts';

const auditor = { name: 'auditor', password: 'auditor-of-the-lab' };
const startMaxMs = 180_000;

/** A real Airflow on this machine, with a database of its own on SQLite, and its web server. */
export class LabAirflow {
  readonly version: string;
  readonly #bin: string;
  readonly #home = mkdtempSync(join(tmpdir(), 'airflow-lab-'));
  readonly #isThree: boolean;
  #port = 0;
  #server: ChildProcess | undefined;
  #token: string | undefined;

  constructor(version: string, bin: string) {
    this.version = version;
    this.#bin = bin;
    this.#isThree = version.startsWith('3.');
  }

  /** Nothing of the caller's environment but the path. */
  get #environment(): NodeJS.ProcessEnv {
    const fab = 'airflow.providers.fab.auth_manager';
    return {
      PATH: `${this.#bin}:${process.env.PATH}`,
      HOME: this.#home,
      AIRFLOW_HOME: this.#home,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW__CORE__AUTH_MANAGER: `${fab}.fab_auth_manager.FabAuthManager`,
      AIRFLOW__API__AUTH_BACKENDS: `${fab}.api.auth.backend.basic_auth`,
      AIRFLOW__API_AUTH__JWT_SECRET: 'a secret of the laboratory, of no use',
    };
  }

  /** Makes the database, the witness's role and user, and starts the web server. */
  async start(users: readonly { readonly name: string; readonly role: string }[]): Promise<void> {
    this.airflow('db', 'migrate');
    this.airflow('sync-perm');
    for (const { name, role } of users) this.createUser(name, role);
    this.airflow('roles', 'create', 'PrivilegeAuditor');
    this.airflow(
      ...['roles', 'add-perms', 'PrivilegeAuditor', '-a', 'can_read'],
      ...['-r', 'Users', 'Roles', 'Audit Logs'],
    );
    this.createUser(auditor.name, 'PrivilegeAuditor', auditor.password);
    this.#port = await freePort();
    const program = this.#isThree ? ['api-server'] : ['webserver'];
    this.#server = spawn(
      join(this.#bin, 'airflow'),
      [...program, '--port', `${this.#port}`, '--workers', '1'],
      {
        ...{ env: this.#environment, stdio: 'ignore', detached: true },
      },
    );
    const startedMs = performance.now();
    while ((await this.ask({ method: 'GET', path: '/eventLogs', query: {} })).status !== 200) {
      if (performance.now() - startedMs > startMaxMs) throw new Error('Airflow does not answer');
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  createUser(name: string, role: string, password = `${name}-of-the-lab`): void {
    this.airflow(
      ...['users', 'create', '--username', name, '--role', role, '--password', password],
      ...['--email', `${name}@example.com`, '--firstname', name, '--lastname', 'Example'],
    );
  }

  /** The command line, with its output thrown away. */
  airflow(...args: string[]): void {
    this.#run('airflow', args);
  }

  /** Python with Airflow's own libraries. */
  python(code: string): void {
    this.#run('python', ['-c', code]);
  }

  #run(program: string, args: readonly string[]): void {
    const { status, stderr } = spawnSync(join(this.#bin, program), args, {
      ...{ cwd: this.#home, env: this.#environment, encoding: 'utf8' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status === 0) return;
    throw new Error(`${program} ${args.join(' ')} failed: ${stderr.trim().slice(-2_000)}`);
  }

  /** A statement on the metadata database, past Airflow. */
  sql(statement: string): void {
    const file = JSON.stringify(join(this.#home, 'airflow.db'));
    this.python(
      `import sqlite3\nc = sqlite3.connect(${file}, timeout=30)\nc.execute(${JSON.stringify(statement)})\nc.commit()`,
    );
  }

  write(name: string, text: string): string {
    const file = join(this.#home, name);
    writeFileSync(file, text);
    return file;
  }

  /** As MWAA passes a call on: with the prefix of the version, in the name of the witness's user. */
  async ask({ method, path, query }: RestRequest): Promise<RestAnswer> {
    const origin = `http://127.0.0.1:${this.#port}`;
    const prefix = this.#isThree ? '/api/v2' : '/api/v1';
    const parameters = Object.entries(query).flatMap(([key, value]) =>
      [value].flat().map((one) => [key, String(one)]),
    );
    const url = `${origin}${prefix}${path}?${new URLSearchParams(parameters)}`;
    try {
      const authorization = this.#isThree ? await this.#bearer(origin) : basic(auditor);
      const response = await fetch(url, { method, headers: { authorization } });
      return { status: response.status, body: (await response.json()) as object };
    } catch (error) {
      return { status: 503, body: { detail: String(error) } };
    }
  }

  async #bearer(origin: string): Promise<string> {
    if (this.#token === undefined) {
      const response = await fetch(`${origin}/auth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: auditor.name, password: auditor.password }),
      });
      const { access_token: token } = (await response.json()) as { access_token?: string };
      if (token === undefined) throw new Error(`no token: HTTP ${response.status}`);
      this.#token = token;
    }
    return `Bearer ${this.#token}`;
  }

  /** Ends the web server and its workers, which are a group of their own, and removes everything. */
  stop(): void {
    const { pid } = this.#server ?? {};
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function basic({ name, password }: { readonly name: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
