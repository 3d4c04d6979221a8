import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProjectPlan } from '../../cli/replay/make-project-plan.ts';

/** Where the package has its plan. */
export const packagedPlan = 'cli/replay/project-plan.json';

/** In a package, what `cli/replay/project-plan.ts` is in this project: the plan, made when the package was. */
export async function projectPlan(): Promise<ProjectPlan> {
  const file = fileURLToPath(new URL(`../../${packagedPlan}`, import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8'));
}
