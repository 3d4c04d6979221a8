import { createHash } from 'node:crypto';
import type { ObservedEvent } from '../model/signal.ts';

/** The id of a log stream in the ledger: a hash, since stream names can be longer than a key. */
export function streamIdOf({ logGroup, logStream }: Pick<ObservedEvent, 'logGroup' | 'logStream'>) {
  return createHash('sha256')
    .update(JSON.stringify([logGroup, logStream]))
    .digest('hex')
    .slice(0, 32);
}
