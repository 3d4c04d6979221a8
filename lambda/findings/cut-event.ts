import { isJsonEvent, readPythonList } from './log-text.ts';

/**
 * What MWAA passes on of one line at a time, from the standard output of a service: longer lines come in
 * pieces, each an event. CloudWatch Logs takes events of 256 kB, and watchtower, through which tasks write,
 * cuts there.
 */
const wholeEventBytes = 64_000;

const echo = 'Running command: ';

/** `open`: what an event has begun is not closed. `long`: it is so long that it is cut as a rule. */
export type Cut = 'open' | 'long';

/**
 * Whether the log may have cut an event off. Where a long event ends says nothing: whoever writes it
 * decides what stands before the cut. JSON that is whole is whole, since what stands in its strings is
 * escaped.
 *
 * @returns undefined for an event that is whole
 */
export function cutOf(message: string): Cut | undefined {
  if (isJsonEvent(message)) return isJson(message) ? undefined : 'open';
  if (endsInList(message)) return 'open';
  return Buffer.byteLength(message) >= wholeEventBytes ? 'long' : undefined;
}

function isJson(message: string): boolean {
  if (!message.trimEnd().endsWith('}')) return false;
  if (message.length < wholeEventBytes) return true;
  try {
    JSON.parse(message);
    return true;
  } catch {
    return false;
  }
}

function endsInList(message: string): boolean {
  const at = message.lastIndexOf(`${echo}[`);
  if (at < 0) return false;
  const start = at + echo.length;
  return (readPythonList(message, start)?.end ?? start + 1) >= message.trimEnd().length;
}
