/** The part we use of https://github.com/architect/dynalite, which has no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** An in-memory DynamoDB; the server answers emitted requests without listening. */
  export default function dynalite(options?: {
    /** How long a table stays in the state CREATING. @default 500 */
    readonly createTableMs?: number;
  }): Server;
}
