/** What is used of https://github.com/architect/dynalite, which brings no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** A DynamoDB in memory; the server need not listen to answer what it is handed. */
  export default function dynalite(options?: {
    /** How long a table stays in the state CREATING. @default 500 */
    readonly createTableMs?: number;
  }): Server;
}
