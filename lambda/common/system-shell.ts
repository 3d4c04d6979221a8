import { randomUUID } from 'node:crypto';
import { systemClock, systemTimer } from './time.ts';

/** What a function takes from its process; tests have their own. */
export const systemShell = {
  clock: systemClock,
  timer: systemTimer,
  random: Math.random,
  newId: randomUUID,
  writeLine: (line: string) => process.stdout.write(line),
};
