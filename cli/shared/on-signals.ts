import { PressCounter } from './press-counter.ts';

/** Sent by Ctrl+C, by a CI runner that gives up, and by a closed terminal. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Handles requests to end the command, instead of the default of ending it.
 *
 * @param onSignal called with the signal, and the number of requests so far
 * @returns a function that removes the listeners
 */
export function onSignals(onSignal: (signal: string, presses: number) => void): () => void {
  const counter = new PressCounter();
  const listener = (signal: string) => {
    const presses = counter.signal(performance.now());
    if (presses !== undefined) onSignal(signal, presses);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
