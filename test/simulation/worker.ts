/** Runs the schedules whose seeds its parent sends, and sends back their results. */
import { type Batch, runBatch } from './run-many.ts';

process.on('message', (batch: Batch) => {
  void runBatch(batch).then((digests) => process.send?.(digests));
});
