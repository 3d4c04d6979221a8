import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProjectPlan } from './make-project-plan.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** All that a plan is made of: the detections, the code that reads and compiles them, and sampled logs. */
const sources = [
  { folder: 'queries', ending: '.yaml' },
  { folder: 'queries/tools', ending: '.ts' },
  { folder: 'query-language', ending: '.ts' },
  { folder: 'infra/function', ending: 'scan-plan.ts' },
  ...['common', 'model', 'plan', 'query', 'regexp', 'scan'].map((room) => {
    return { folder: `lambda/${room}`, ending: '.ts' };
  }),
  { folder: 'local/candidates', ending: '.ts' },
  { folder: 'local/demo/sessions', ending: '.gz' },
  { folder: 'cli/replay', ending: '-plan.ts' },
] as const;
/** Of rooms with many others. */
const sourceFiles = [
  ...['local/aws-place.ts', 'local/log-event.ts', 'local/shown-count.ts'],
  ...['local/log-readers/lines/hidden-characters.ts', 'local/log-readers/report/read-report.ts'],
  // Its version.
  'node_modules/re2js/package.json',
];

/**
 * The plan of the project's own detections. To check and compile them takes longer than to search 500 MB, so
 * the plan is kept in `node_modules/.cache`, as long as no byte of its sources changes.
 */
export async function projectPlan(): Promise<ProjectPlan> {
  const folder = join(projectRoot, 'node_modules', '.cache', 'privilege-monitor');
  const file = join(folder, `scan-plan-${digestOfSources()}.json`);
  const kept = readKept(file);
  if (kept !== undefined) return kept;
  const { makeProjectPlan } = await import('./make-project-plan.ts');
  const made = makeProjectPlan();
  try {
    mkdirSync(folder, { recursive: true });
    // Another process may read it meanwhile.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(made));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // A project that cannot be written to has no cache: it is slower, and nothing else.
  }
  return made;
}

/** Paths from the project's root. */
export function sourcesOfPlan(): string[] {
  const inFolders = sources.flatMap(({ folder, ending }) => {
    const names = readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`);
  });
  return [...inFolders.sort(), ...sourceFiles];
}

function digestOfSources(): string {
  const digest = createHash('sha256');
  for (const path of sourcesOfPlan()) {
    digest
      .update(`${path}\0`)
      .update(readFileSync(join(projectRoot, path)))
      .update('\0');
  }
  return digest.digest('hex').slice(0, 32);
}

function readKept(file: string): ProjectPlan | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
