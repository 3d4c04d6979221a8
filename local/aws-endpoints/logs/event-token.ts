import type { EventPosition } from '../../insights-engine/engine-types.ts';
import { invalidParameter } from './logs-errors.ts';

/**
 * Where the next page of events starts: after an event (exclusive), towards later or earlier ones.
 */
export interface EventToken {
  readonly direction: 'forward' | 'backward';
  readonly from: EventPosition;
}

export function writeToken({ direction, from }: EventToken): string {
  return `${direction[0]}/${from.timestamp}.${from.ingestionTime}.${from.sequence}/s`;
}

/** @throws AwsError for a token that {@link writeToken} did not write */
export function readToken(text: string): EventToken {
  const [, letter, ...digits] = /^([fb])\/(\d{1,15})\.(\d{1,15})\.(\d{1,15})\/s$/.exec(text) ?? [];
  const [timestamp, ingestionTime, sequence] = digits.map(Number);
  if (timestamp === undefined || ingestionTime === undefined || sequence === undefined) {
    throw invalidParameter('The specified nextToken is invalid.');
  }
  return {
    direction: letter === 'f' ? 'forward' : 'backward',
    from: { timestamp, ingestionTime, sequence },
  };
}
