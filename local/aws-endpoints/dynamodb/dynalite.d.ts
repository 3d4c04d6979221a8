declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** https://github.com/architect/dynalite#api */
  export default function dynalite(options?: {
    /** How long a table is being created, in milliseconds. @default 500 */
    readonly createTableMs?: number;
  }): Server;
}
