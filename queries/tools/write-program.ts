import { programFormat } from '../../lambda/regexp/read-program.ts';
import { op, type RegexpProgram } from '../../lambda/regexp/regexp-program.ts';

/** A program as text, in the format that `readProgram` documents. */
export function writeProgram(program: RegexpProgram): string {
  const { start, ops, next, argument, ranges, slots } = program;
  const classes = new Map<string, { readonly number: number; readonly ends: readonly number[] }>();
  for (const ends of ranges.values()) {
    const key = ends.join(' ');
    if (!classes.has(key)) classes.set(key, { number: classes.size, ends });
  }
  const numbers: number[] = [programFormat.version, classes.size];
  for (const { ends } of classes.values()) {
    numbers.push(ends.length / 2);
    ends.forEach((end, at) => {
      numbers.push(end - (ends[at - 1] ?? 0));
    });
  }
  const count = ops.length;
  numbers.push(slots / 2, count, start);
  const distance = (from: number, to: number) => (to - from - 1 + count) % count;
  ops.forEach((kind, at) => {
    numbers.push(kind);
    if (kind === op.match || kind === op.fail) return;
    numbers.push(distance(at, next[at] ?? 0));
    const detail = argument[at] ?? 0;
    if (kind === op.split) numbers.push(distance(at, detail));
    if (kind === op.capture || kind === op.assert) numbers.push(detail);
    if (kind === op.take) {
      const { number = 0 } = classes.get((ranges.get(at) ?? []).join(' ')) ?? {};
      numbers.push(number);
    }
  });
  return Buffer.from(numbers.flatMap(bytesOf)).toString('base64');
}

/** Seven bits per byte, lowest first; all bytes but the last have the eighth bit set. */
function bytesOf(number: number): readonly number[] {
  if (!Number.isInteger(number) || number < 0) throw new RangeError(`cannot write ${number}`);
  return number < 0x80 ? [number] : [(number % 0x80) + 0x80, ...bytesOf(Math.floor(number / 0x80))];
}
