import { shownCount } from '../../local/shown-count.ts';

/** Less time says nothing about the rest. */
const firstSeconds = 2;

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** `812 bytes`, `45.2 MB`, `218 MB`: three digits, in steps of 1,000. */
export function humanBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  // 999.6 kB would be shown as 1000 kB.
  while (amount >= (unit === 0 ? 1000 : 999.5) && unit < byteUnits.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${amount.toFixed(digits)} ${byteUnits[unit]}`;
}

/** `8 s`, `3 min`, `2 h 5 min`. */
export function humanSeconds(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** How far work is. */
interface ProgressState {
  readonly done: number;
  /** 0: not known. */
  readonly total: number;
  /** What is counted; `bytes` are shown in larger units. */
  readonly unit: string;
  readonly elapsedSeconds: number;
  /** Text in place of the estimated time left. */
  readonly note?: string;
}

/** `45.2 MB of 218 MB, 61.0 MB/s, 3 s left`; rate and time left once they can be estimated. */
export function progressText({
  done,
  total,
  unit,
  elapsedSeconds,
  note = '',
}: ProgressState): string {
  const isBytes = unit === 'bytes';
  const amount = (count: number) => (isBytes ? humanBytes(count) : shownCount(Math.round(count)));
  const all = total > 0 ? `${amount(done)} of ${amount(total)}` : amount(done);
  const parts = [isBytes ? all : `${all} ${unit}`];
  const rate = elapsedSeconds >= firstSeconds ? done / elapsedSeconds : 0;
  if (rate > 0 && isBytes) parts.push(`${amount(rate)}/s`);
  if (note !== '') parts.push(note);
  else if (rate > 0 && total > done) parts.push(`${humanSeconds((total - done) / rate)} left`);
  return parts.join(', ');
}
