export type Cleanup = () => Promise<void>;

/** Runs the parts of a demo, each of which adds what ends it; all that were added run at the end, the last first. */
export async function withCleanups<Result>(
  run: (cleanups: Cleanup[]) => Promise<Result>,
): Promise<Result> {
  const cleanups: Cleanup[] = [];
  try {
    return await run(cleanups);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}
