/** Ctrl+C, and what a runner or a closed terminal sends. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns takes the listeners away */
export function onSignals(told: (signal: string) => void): () => void {
  for (const signal of signals) process.on(signal, told);
  return () => {
    for (const signal of signals) process.off(signal, told);
  };
}
