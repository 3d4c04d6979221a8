import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from 'jest';
import { countsSteps } from './test/longest-first.ts';

const suites = globSync('test/**/*.test.ts', { cwd: import.meta.dirname });
const readFiles = new Map();
const counting = suites.filter((suite) => countsSteps(join(import.meta.dirname, suite), readFiles));

const project = {
  runner: ['jest-light-runner', { runtime: 'child_process' }],
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/demo-output'],
  setupFiles: ['<rootDir>/test/prepare-worker.ts'],
} satisfies Config;

export default {
  // All cores: by default jest leaves one unused, which is half of a two-core machine.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/longest-first.ts',
  projects: [
    // Counting steps slows down a whole process, so these suites have workers of their own.
    { ...project, displayName: 'counts', testMatch: counting.map((suite) => `<rootDir>/${suite}`) },
    {
      ...project,
      displayName: 'tests',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: counting.map((suite) => `<rootDir>/${suite}$`),
    },
  ],
} satisfies Config;
