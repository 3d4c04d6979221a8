import { unzipSync } from 'fflate';
import { zipArchive } from '../../packaging/cloudformation/zip-archive.ts';

const files = new Map([
  ['index.js', Buffer.from('exports.handler = () => "é";\n'.repeat(1_000))],
  ['a/empty.txt', Buffer.alloc(0)],
  ['random.bin', Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 2_654_435_761) % 251))],
]);
const archive = zipArchive(files);

test('another implementation of the format reads every file', () => {
  const read = Object.entries(unzipSync(archive));
  expect(read.map(([name, contents]) => [name, Buffer.from(contents)])).toEqual(
    [...files].toSorted(),
  );
});

// Lambda refuses to load a file that only its owner may read.
test('everybody may read every file', () => {
  const entries: number[] = [];
  for (
    let at = archive.indexOf('PK\x01\x02');
    at >= 0;
    at = archive.indexOf('PK\x01\x02', at + 1)
  ) {
    entries.push(archive.readUInt32LE(at + 38) >>> 16);
  }
  expect(entries).toEqual([0o100644, 0o100644, 0o100644]);
});

test('equal files give equal archives, in whatever order and at whatever time', () => {
  const reversed = new Map([...files].reverse());
  expect(zipArchive(reversed).equals(archive)).toBe(true);
});
