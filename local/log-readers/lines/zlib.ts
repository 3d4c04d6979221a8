/**
 * Node's `zlib`, which is loaded when a file first needs it: most logs are plain text, and each thread that reads
 * them would load it. As a whole, since an older Node lacks some of its functions.
 */
export function zlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}
