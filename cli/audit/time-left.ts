import { hourMs, minuteMs, secondMs } from '../../lambda/common/time.ts';

/**
 * Estimates how long the rest of some work takes at its average speed so far.
 *
 * @param work done and total, in any unit, without the work of earlier runs
 * @returns undefined while too little is done for an estimate
 */
export function timeLeftMs(
  work: { readonly done: number; readonly total: number },
  elapsedMs: number,
): number | undefined {
  const { done, total } = work;
  if (done <= 0 || total <= 0 || elapsedMs < secondMs) return undefined;
  return (elapsedMs * Math.max(0, total - done)) / done;
}

/** `about 3 min left` */
export function timeLeftText(leftMs: number | undefined): string {
  if (leftMs === undefined) return '';
  if (leftMs < minuteMs) return `about ${Math.ceil(leftMs / secondMs)} s left`;
  if (leftMs < hourMs) return `about ${Math.ceil(leftMs / minuteMs)} min left`;
  return `about ${(leftMs / hourMs).toFixed(1)} h left`;
}
