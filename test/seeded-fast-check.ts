/**
 * fast-check for all tests, with the same seed in each run, so that a property fails only through a
 * change that affects it. `PROPERTY_SEED=random npm run jest` tries other inputs.
 */
import * as fastCheck from '../node_modules/fast-check/lib/fast-check.js';

const seed = process.env.PROPERTY_SEED ?? '20261122';
if (seed !== 'random') fastCheck.configureGlobal({ seed: Number(seed) });

export * from '../node_modules/fast-check/lib/fast-check.js';
export { default } from '../node_modules/fast-check/lib/fast-check.js';
