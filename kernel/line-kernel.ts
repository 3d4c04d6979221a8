/**
 * What `replay` and `query` do with every byte of a log, in WebAssembly: AssemblyScript, which `npm run kernel`
 * compiles. It knows nothing of events and detections. Its caller owns the memory and writes all tables;
 * `local/line-kernel/` says how they lie there.
 *
 * Every text must be followed by 32 readable bytes, since 16 are looked at together.
 */

export { pass } from './pass-lines';
export { readBack, readFourBack } from './read-regexps';
export { scan } from './scan-lines';
export { search } from './search-literals';
export { writeText } from './write-text';

/** Where the caller's memory begins. */
export function freeFrom(): usize {
  return __heap_base;
}
