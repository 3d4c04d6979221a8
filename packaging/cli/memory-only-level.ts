/**
 * Replaces `level` in the bundle: the table of a demo is in memory, and the library would bring a native
 * module for tables on disk.
 */
export class Level {
  constructor() {
    throw new Error('Tables on disk were left out of this package: its tables are in memory.');
  }
}
