import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** All that a plan is made of: the detections, and the code that reads, checks and compiles them. */
const sources = [
  'queries/*.yaml',
  'queries/tools/*.ts',
  'query-language/**/*.ts',
  'infra/function/scan-plan.ts',
  'lambda/{common,model,plan,query,regexp,scan}/*.ts',
];

/**
 * The plan of the project's own detections. To check and compile them takes longer than to search 100 MB, so
 * the plan is kept in `node_modules/.cache`, as long as no byte of its sources changes.
 */
export async function projectPlan(): Promise<ScanPlan> {
  // In the package, where this file is compiled, the sources are not there.
  if (!import.meta.url.endsWith('.ts')) return makePlan();
  const folder = join(projectRoot, 'node_modules', '.cache', 'privilege-monitor');
  const file = join(folder, `scan-plan-${await digestOfSources()}.json`);
  const kept = readKept(file);
  if (kept !== undefined) return kept;
  const plan = await makePlan();
  try {
    mkdirSync(folder, { recursive: true });
    // Another process may read it meanwhile.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(plan));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // A project that cannot be written to has no cache: it is slower, and nothing else.
  }
  return plan;
}

async function makePlan(): Promise<ScanPlan> {
  const { scanPlan } = await import('../../infra/function/scan-plan.ts');
  const { loadDetections } = await import('../../queries/tools/load-detections.ts');
  return scanPlan(loadDetections(), { detections: { disable: [] }, approvedChanges: [] });
}

async function digestOfSources(): Promise<string> {
  // Older Nodes, on which the package runs, cannot list files by patterns.
  const { globSync } = await import('node:fs');
  const digest = createHash('sha256');
  for (const name of globSync(sources, { cwd: projectRoot }).sort()) {
    digest
      .update(`${name}\0`)
      .update(readFileSync(join(projectRoot, name)))
      .update('\0');
  }
  return digest.digest('hex').slice(0, 32);
}

function readKept(file: string): ScanPlan | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
