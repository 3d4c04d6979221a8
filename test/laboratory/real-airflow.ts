import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../rehearsal/local-aws/local-aws.ts';
import { installedPackages } from '../rehearsal/local-aws/python.ts';
import { type Processes, runCommand, type Variables } from '../rehearsal/processes.ts';
import { CommandError } from '../rehearsal/stage.ts';
import { until } from '../rehearsal/until.ts';

/** Airflow with the version of its FAB provider that MWAA's image of that version has. */
export const airflowVersions = ['2.10.3', '3.0.6'] as const;

export type AirflowVersion = (typeof airflowVersions)[number];

/** A user of the laboratory's Airflow; its password is its name. */
export const auditor = 'auditor';

/** How long a web server may take to start on a busy machine. */
const startPatienceSeconds = 180;

/**
 * A real Airflow on this machine: its own metadata database (SQLite), its web server and its command
 * line. It listens on the loopback address only.
 */
export class RealAirflow {
  readonly version: AirflowVersion;
  /** Of the web server. */
  readonly url: string;
  /** The SQLite file. */
  readonly database: string;
  /** AIRFLOW_HOME. */
  readonly home: string;
  readonly #processes: Processes;
  readonly #bin: string;
  readonly #env: Variables;

  private constructor(
    processes: Processes,
    { version, home, bin, port }: RealAirflowPlace & { readonly port: number },
  ) {
    this.#processes = processes;
    this.#bin = bin;
    this.version = version;
    this.home = home;
    this.url = `http://127.0.0.1:${port}`;
    this.database = join(home, 'airflow.db');
    this.#env = {
      ...{ HOME: home, PATH: `${bin}:${process.env.PATH}`, LANG: 'C.UTF-8' },
      ...settings(version, home, port),
    };
  }

  /**
   * Installs an Airflow unless it is installed, makes its database with the role and user of the witness,
   * and starts its web server.
   *
   * @param folder an empty one
   * @throws MissingToolError when it cannot be installed; CommandError when it cannot be set up
   */
  static async start(
    processes: Processes,
    version: AirflowVersion,
    folder: string,
  ): Promise<RealAirflow> {
    const python = await installedPackages(processes, {
      ...{ name: `Airflow ${version}`, cacheName: 'airflow', pipOptions: [], newestMinor: 12 },
      requirementsFile: fileURLToPath(new URL(`airflow-${version}.txt`, import.meta.url)),
    });
    const port = await freePort();
    const place = { version, home: folder, bin: dirname(python), port };
    const airflow = new RealAirflow(processes, place);
    await mkdir(join(folder, 'dags'), { recursive: true });
    await airflow.#setUp();
    await airflow.#startWebServer();
    return airflow;
  }

  get isSecond(): boolean {
    return this.version.startsWith('2.');
  }

  /** @throws CommandError when the command fails */
  async cli(...args: readonly string[]): Promise<string> {
    return this.run(join(this.#bin, 'airflow'), args);
  }

  /** Runs a program in Airflow's environment. @throws CommandError when it fails */
  async run(command: string, args: readonly string[], env: Variables = {}): Promise<string> {
    const place = { env: { ...this.#env, ...env }, cwd: this.home };
    const { exitCode, output } = await runCommand(this.#processes, command, args, place);
    if (exitCode !== 0) {
      throw new CommandError(`${[command, ...args].join(' ')} ends with ${exitCode}:\n${output}`);
    }
    return output;
  }

  /** Writes a file of the DAGs folder or beside it. @returns its path */
  async write(path: string, text: string): Promise<string> {
    const file = join(this.home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  async #setUp(): Promise<void> {
    await this.cli('db', 'migrate');
    // Makes the resources that permissions name.
    await this.cli('sync-perm');
    await this.#createUser('admin', 'Admin');
    await this.cli('roles', 'create', 'PrivilegeAuditor');
    const resources = ['Users', 'Roles', 'Audit Logs'];
    await this.cli(
      ...['roles', 'add-perms', 'PrivilegeAuditor', '-r', ...resources, '-a', 'can_read'],
    );
    await this.#createUser(auditor, 'PrivilegeAuditor');
    for (const name of ['bob', 'carol', 'dora', 'erin']) await this.#createUser(name, 'Viewer');
  }

  async #createUser(name: string, role: string): Promise<void> {
    const person = ['-f', name, '-l', 'Example', '-e', `${name}@example.com`];
    await this.cli('users', 'create', '-u', name, '-p', name, '-r', role, ...person);
  }

  async #startWebServer(): Promise<void> {
    const { port } = new URL(this.url);
    const command = this.isSecond ? 'webserver' : 'api-server';
    this.#processes.start(join(this.#bin, 'airflow'), [command, '--workers', '1', '--port', port], {
      env: this.#env,
      cwd: this.home,
      output: join(this.home, 'web-server.log'),
    });
    const path = this.isSecond ? '/api/v1/health' : '/api/v2/monitor/health';
    await until(`Airflow ${this.version} answers`, startPatienceSeconds, async () => {
      const answer = await fetch(`${this.url}${path}`).catch(() => undefined);
      return answer?.ok;
    });
  }
}

interface RealAirflowPlace {
  readonly version: AirflowVersion;
  readonly home: string;
  /** The folder of its programs. */
  readonly bin: string;
}

function settings(version: AirflowVersion, home: string, port: number): Record<string, string> {
  const fab = 'airflow.providers.fab.auth_manager';
  const own: Record<string, string> = version.startsWith('2.')
    ? {
        AIRFLOW__API__AUTH_BACKENDS: 'airflow.api.auth.backend.basic_auth',
        AIRFLOW__WEBSERVER__SECRET_KEY: 'laboratory',
        AIRFLOW__WEBSERVER__WEB_SERVER_HOST: '127.0.0.1',
      }
    : {
        AIRFLOW__CORE__AUTH_MANAGER: `${fab}.fab_auth_manager.FabAuthManager`,
        AIRFLOW__FAB__AUTH_BACKENDS: `${fab}.api.auth.backend.basic_auth`,
        AIRFLOW__API__HOST: '127.0.0.1',
        AIRFLOW__API__SECRET_KEY: 'laboratory',
        AIRFLOW__API_AUTH__JWT_SECRET: 'laboratory'.repeat(8),
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `http://127.0.0.1:${port}/execution/`,
      };
  return {
    AIRFLOW_HOME: home,
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${join(home, 'airflow.db')}`,
    ...own,
  };
}
