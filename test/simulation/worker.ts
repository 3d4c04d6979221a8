/** Runs the schedules whose seeds its parent sends, and sends back what they came to. */
import { runBatch } from './run-many.ts';

process.on('message', (seeds: number[]) => {
  void runBatch(seeds).then((digests) => process.send?.(digests));
});
