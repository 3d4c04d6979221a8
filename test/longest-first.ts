import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from '@jest/test-result';

// Its types are those of a CommonJS module, which an import of its ES module is not.
const { default: Sequencer } = createRequire(import.meta.url)(
  '@jest/test-sequencer',
) as typeof import('@jest/test-sequencer');

const testFolder = fileURLToPath(new URL('.', import.meta.url));
const stepCounter = join(testFolder, 'counted-steps.ts');

/**
 * Orders the suites so that no long one starts when the others are done.
 *
 * Suites that count steps come first: for each count V8 goes over all code in the process, which takes
 * several times as long in a worker that has loaded other suites before.
 *
 * The others come in jest's order, by how long they took last time. In a fresh clone that is unknown:
 * then those that start processes come next, and then those that load the most code.
 */
export default class LongestFirst extends Sequencer {
  override sort(tests: Test[]): Test[] {
    const files = new Map<string, LoadedFile>();
    const sizes = new Map(tests.map((test) => [test, sizeOf(test.path, files)]));
    const byJest = [...(super.sort(tests) as Test[])];
    const ordered = byJest.some(({ duration }) => duration !== undefined)
      ? byJest
      : byJest.sort((a, b) => compare(sizes.get(b)?.weight, sizes.get(a)?.weight));
    const counts = (test: Test): boolean => countsSteps(test.path, files);
    return [...ordered.filter(counts), ...ordered.filter((test) => !counts(test))];
  }
}

interface LoadedFile {
  readonly characters: number;
  readonly imports: readonly string[];
  readonly startsProcesses: boolean;
}

/** The weight of the project's files that a suite loads, itself included. */
function sizeOf(path: string, files: Map<string, LoadedFile>) {
  const loaded = new Set([path]);
  let weight = 0;
  for (const each of loaded) {
    const file = files.get(each) ?? readFile(each);
    files.set(each, file);
    weight += file.startsProcesses ? Number.POSITIVE_INFINITY : file.characters;
    for (const imported of file.imports) loaded.add(imported);
  }
  return { weight, loaded };
}

/** Whether a suite counts steps; see counted-steps.ts. */
export function countsSteps(path: string, files = new Map<string, LoadedFile>()): boolean {
  return sizeOf(path, files).loaded.has(stepCounter);
}

function readFile(path: string): LoadedFile {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/^(?:import|export|\}) .*from '(\.[^']+\.ts)';$/gm)];
  return {
    characters: text.length,
    imports: imports.map(([, imported = '']) => join(dirname(path), imported)),
    startsProcesses: path.startsWith(testFolder) && text.includes("from 'node:child_process'"),
  };
}

/** Like `a - b`, which is NaN for two infinities. */
function compare(a = 0, b = 0): number {
  return a === b ? 0 : a - b;
}
