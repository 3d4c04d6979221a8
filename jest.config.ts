import { join } from 'node:path';
import type { Config } from 'jest';

// Jest's workers and the processes that suites start share compiled files.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

export default {
  // All cores: by default jest leaves one unused, which is half of a two-core machine.
  maxWorkers: '100%',
  // Finished suites leave some modules in memory: above this, jest replaces the worker.
  workerIdleMemoryLimit: '1200MB',
  roots: ['<rootDir>/test'],
  // Ends a test that hangs; generous, because a busy machine slows every test down.
  testTimeout: 300_000,
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/demo-output'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/test/seeded-fast-check.ts' },
  testSequencer: '<rootDir>/test/longest-first.ts',
  setupFiles: ['<rootDir>/test/quick-synthesis.ts'],
  transform: { '\\.ts$': '<rootDir>/test/esbuild-transform.ts' },
} satisfies Config;
