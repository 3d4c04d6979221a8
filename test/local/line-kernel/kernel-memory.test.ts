import { LineKernel, MemoryRoom, paddingBytes } from '../../../local/line-kernel/line-kernel.ts';

const pageBytes = 64 * 1024;

test('what is written for a text, with the bytes after it, changes nothing that is kept beside it', () => {
  for (const length of [100, pageBytes, pageBytes + 1, 3 * pageBytes - 7]) {
    const kernel = new LineKernel();
    const room = new MemoryRoom(kernel);
    const text = Buffer.alloc(length, 'a');
    // It is written in steps of 16 bytes, from any place on after an escape.
    text.write('\\n');
    kernel.input(Buffer.alloc(length));
    const afterInput = keptIn(kernel);
    const into = room.for(length);
    const afterRoom = keptIn(kernel);
    const from = kernel.input(text);
    expect(kernel.run.writeText(from, from + length, into)).toBe(length - 1);
    for (const kept of [afterInput, afterRoom]) {
      expect(new Set(kernel.bytes.subarray(kept, kept + 64))).toEqual(new Set([7]));
    }
  }
});

function keptIn(kernel: LineKernel): number {
  const at = kernel.allocate(64);
  kernel.bytes.fill(7, at, at + 64);
  return at;
}

test('a text at the very end of the memory can be looked at in steps of 16 bytes', () => {
  const kernel = new LineKernel();
  const out = kernel.allocate(pageBytes);
  for (let round = 0; round < 8; round += 1) {
    const missing = pageBytes - (kernel.allocate(0) % pageBytes);
    const end = kernel.allocate(missing) + missing;
    expect(end % pageBytes).toBe(0);
    expect(kernel.bytes.length).toBeGreaterThanOrEqual(end + paddingBytes);
    expect(kernel.run.writeText(end - 3, end, out)).toBe(3);
  }
});
