import { join } from 'node:path';
import type { Config } from 'jest';

// Jest's workers, and the processes that suites start, need not compile the same files each time.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

export default {
  // The machine's cores, of which jest leaves one unused: on two that is half.
  maxWorkers: '100%',
  // Modules of suites that are done are not all given back: above this, a worker is begun anew.
  workerIdleMemoryLimit: '1200MB',
  roots: ['<rootDir>/test'],
  // A test that hangs has to end; how long one takes depends on what else the machine does.
  testTimeout: 300_000,
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/demo-output'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/test/seeded-fast-check.ts' },
  testSequencer: '<rootDir>/test/longest-first.ts',
  setupFiles: ['<rootDir>/test/quick-synthesis.ts'],
  transform: { '\\.ts$': '<rootDir>/test/esbuild-transform.ts' },
} satisfies Config;
