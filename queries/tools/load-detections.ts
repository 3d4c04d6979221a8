import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fieldName } from '../../lambda/common/parse-input.ts';
import { readFusibleQuery } from '../../query-language/pack/fusible-query.ts';
import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { QueryError } from '../../query-language/syntax/query-error.ts';
import { contradictionsIn } from './check-detection.ts';
import { type CheckedYaml, checkYaml, InputError, readInputText } from './checked-yaml.ts';
import { type Detection, detectionSchema } from './detection-schema.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The query that AWS documents for role changes in an MWAA environment's logs. */
export const documentedDetectionId = 'add-role';

/**
 * Reads every `*.yaml` of a folder, ordered by id.
 *
 * @param folder defaults to the project's `queries/`.
 * @throws InputError with file, line, field, rule and value of each error.
 */
export function loadDetections(folder: string = join(projectRoot, 'queries')): Detection[] {
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => loadDetection(join(folder, name), `${basename(folder)}/${name}`));
}

/**
 * Reads a detection of an app that uses this project as a package.
 *
 * @param file from the working directory; its runbook is from there too, or one of this project
 * @throws InputError with file, line, field, rule and value of each error, also for an id that one of
 *   `others` has
 */
export function loadOwnDetection(file: string, others: readonly Detection[]): Detection {
  const detection = loadDetection(resolve(file), file, [process.cwd(), projectRoot]);
  if (others.some(({ id }) => id === detection.id)) {
    throw new InputError(`${file}: id: must not be another detection's, got "${detection.id}"`);
  }
  return detection;
}

/** The detection whose query AWS documents; every scan runs its text unchanged. */
export function documentedDetection(detections: readonly Detection[]): Detection {
  const found = detections.find(({ id }) => id === documentedDetectionId);
  if (found === undefined) {
    throw new InputError(`queries/${documentedDetectionId}.yaml: there is no such file`);
  }
  return found;
}

/** The detection of each file with its text: to check one takes far longer than to read it again. */
const loaded = new Map<string, { readonly text: string; readonly detection: Detection }>();

function loadDetection(path: string, shownPath: string, roots = [projectRoot]): Detection {
  if (!path.endsWith('.yaml')) throw new InputError(`${shownPath}: must end in .yaml`);
  const text = readInputText(path, shownPath);
  const before = loaded.get(path);
  if (before?.text === text) return before.detection;
  const detection = checkDetection(text, path, shownPath, roots);
  loaded.set(path, { text, detection });
  return detection;
}

function checkDetection(
  text: string,
  path: string,
  shownPath: string,
  roots: readonly string[],
): Detection {
  const yaml = checkYaml(text, shownPath, detectionSchema);
  const detection = yaml.value;
  const refuse = (field: string, problem: string, line = yaml.lineOf([field])): never => {
    throw new InputError(`${shownPath}:${line}: ${field}: ${problem}`);
  };

  const expectedId = basename(path, '.yaml');
  if (detection.id !== expectedId) {
    refuse('id', `must be the file's name, "${expectedId}", got "${detection.id}"`);
  }
  if (!roots.some((root) => existsSync(join(root, detection.runbook)))) {
    refuse('runbook', `must be a file of the project, got "${detection.runbook}"`);
  }
  checkQuery(detection, yaml, refuse);
  const contradictions = contradictionsIn(detection).map(
    ({ path: place, problem }) =>
      `${shownPath}:${yaml.lineOf(place)}: ${fieldName(place) || 'the file'}: ${problem}`,
  );
  if (contradictions.length > 0) throw new InputError(contradictions.join('\n'));
  return detection;
}

function checkQuery(
  { id, query }: Detection,
  yaml: CheckedYaml<Detection>,
  refuse: (field: string, problem: string, line: number) => never,
): void {
  try {
    // The documented query counts and runs separately; all others run in one scan.
    if (id === documentedDetectionId) parseQuery(query);
    else readFusibleQuery(query);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const linesBefore = query.slice(0, error.span.start).split('\n').length - 1;
    refuse('query', error.message, yaml.textLineOf(['query']) + linesBefore);
  }
}
