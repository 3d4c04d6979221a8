import { PressCounter } from './press-counter.ts';

/** Ctrl+C, and what a runner that gives up or a terminal that is closed sends. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Tells of each time that somebody asks the command to end, instead of ending it.
 *
 * @param told gets the signal, and how many times that was with this one
 * @returns takes the listeners away
 */
export function onSignals(told: (signal: string, presses: number) => void): () => void {
  const counter = new PressCounter();
  const listener = (signal: string) => {
    const presses = counter.signal(performance.now());
    if (presses !== undefined) told(signal, presses);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
