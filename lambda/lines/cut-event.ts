import { isJsonEvent, readPythonList } from '../text/log-text.ts';

/**
 * MWAA reads a service's standard output line by line in pieces of this size: a longer line arrives
 * as several events. CloudWatch Logs takes events of 256 kB, and watchtower, through which tasks
 * write, cuts there.
 */
const wholeEventBytes = 64_000;

const echo = 'Running command: ';

/**
 * `open`: something that the event opens is not closed. `long`: events this long are usually cut.
 */
export type Cut = 'open' | 'long';

/**
 * Whether the log may have cut an event off. The end of a long event proves nothing: its author
 * decides what comes before the cut. JSON that parses is whole, since the text in its strings is
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
