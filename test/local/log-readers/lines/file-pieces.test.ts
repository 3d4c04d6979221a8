import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readLines } from '../../../../local/log-readers/lines/file-lines.ts';
import { FilePieces } from '../../../../local/log-readers/lines/file-pieces.ts';
import { readLogs } from '../../../../local/log-readers/read-logs.ts';
import { numbersFrom } from '../../candidates/prefilter.ts';

const folder = mkdtempSync(join(tmpdir(), 'pieces-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pieceBytes = 256 * 1024;

function fileWith(content: Uint8Array | string, name = 'file.log'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Pieces that are overwritten, as those of a text are. */
function reusedPieces(path: string, range?: { from: number; to: number }): FilePieces {
  const pieces = new FilePieces(path, range);
  pieces.mayReuse = true;
  return pieces;
}

async function linesOf(pieces: AsyncIterable<Buffer>) {
  const lines: (string | undefined)[] = [];
  for await (const batch of readLines('file', pieces)) lines.push(...batch.lines);
  return lines;
}

/** Lines with numbers, one of which ends, or begins to end, at a place. */
function textTo(place: number, end: string): string {
  const line = `line ${place} `;
  const last = `${'x'.repeat(Math.max(0, (place % 5000) - 20))}`;
  let text = '';
  while (text.length < place - 6000) text += `${line}${text.length} ${'y'.repeat(3000)}${end}`;
  return text.padEnd(place, last === '' ? 'z' : last.slice(0, 50)) + end;
}

describe('lines are the same where pieces are overwritten', () => {
  test.each(['\n', '\r\n'])('and one ends with %j near the end of a piece', async (end) => {
    for (const at of [-3, -2, -1, 0, 1, 2]) {
      const head = textTo(pieceBytes + at, end);
      const text = `${head}${textTo(pieceBytes - 1, end)}second é${end}${'w'.repeat(2 * pieceBytes)}${end}last`;
      const path = fileWith(text);
      expect(await linesOf(reusedPieces(path))).toEqual(text.split(end));
    }
  });

  test('and lines are longer than a piece', async () => {
    const random = numbersFrom(9);
    for (let round = 0; round < 6; round += 1) {
      const lines = Array.from({ length: 12 }, (_, at) => {
        const length = random() < 0.5 ? random() * 3 * pieceBytes : random() * 100;
        return `${at}${'aé😀'[at % 3]}`.padEnd(Math.floor(length), String.fromCharCode(97 + at));
      });
      const text = lines.join('\n').toWellFormed();
      const path = fileWith(text);
      expect(await linesOf(reusedPieces(path))).toEqual(text.split('\n'));
    }
  });

  test('and the text is UTF-16, ends its lines in returns alone, or begins with NUL bytes', async () => {
    const lines = Array.from({ length: 3000 }, (_, at) => `${at} é😀 ${'x'.repeat(at % 400)}`);
    const text = lines.join('\n');
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const bytes of [
      little,
      Buffer.from(little).swap16(),
      Buffer.from(text.replaceAll('\n', '\r')),
      Buffer.concat([Buffer.alloc(2 * pieceBytes + 77), Buffer.from(text)]),
      Buffer.concat([Buffer.from('\ufeff'), Buffer.from(text)]),
    ]) {
      expect(await linesOf(reusedPieces(fileWith(bytes)))).toEqual(lines);
    }
  });
});

test('a range gives exactly its bytes, however far it reaches', async () => {
  const random = numbersFrom(4);
  const content = Buffer.from(
    Uint8Array.from({ length: 700_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff),
  );
  const path = fileWith(content);
  const ends = [0, 1, pieceBytes - 1, pieceBytes, pieceBytes + 1, 2 * pieceBytes, 699_999, 700_000];
  const places = () =>
    random() < 0.5 ? (ends[Math.floor(random() * ends.length)] ?? 0) : Math.floor(random() * 8e5);
  for (let round = 0; round < 40; round += 1) {
    const [from, to] = [places(), places()].sort((a, b) => a - b) as [number, number];
    const found: Buffer[] = [];
    for await (const piece of reusedPieces(path, { from, to })) found.push(Buffer.from(piece));
    expect(Buffer.concat(found).equals(content.subarray(from, to))).toBe(true);
  }
});

describe('a file that changes while it is read', () => {
  const lines = Array.from({ length: 9000 }, (_, at) => `line ${at} ${'x'.repeat(100)}`);
  const text = `${lines.join('\n')}\n`;

  async function readChanged(change: (path: string) => void): Promise<(string | undefined)[]> {
    const path = fileWith(text);
    const found: (string | undefined)[] = [];
    let isChanged = false;
    for await (const batch of readLines(path, reusedPieces(path))) {
      found.push(...batch.lines);
      if (!isChanged) change(path);
      isChanged = true;
    }
    return found;
  }

  test('gives the lines that were appended, too', async () => {
    const found = await readChanged((path) => appendFileSync(path, 'one more\nand the last'));
    expect(found).toEqual([...lines, 'one more', 'and the last']);
  });

  test.each([0, 10, 300_000, 500_001])('ends where it was cut to %i bytes', async (bytes) => {
    const found = await readChanged((path) => truncateSync(path, bytes));
    const isPrefix = text.startsWith(found.join('\n'));
    expect({
      isPrefix,
      isEnough: found.join('\n').length >= Math.min(bytes, pieceBytes) - 1,
    }).toEqual({
      ...{ isPrefix: true, isEnough: true },
    });
  });
});

describe('every reader keeps what it needs of a piece', () => {
  const startEpochMs = Date.UTC(2026, 10, 22);
  const nowEpochMs = Date.UTC(2026, 10, 23);
  const iso = (at: number) => new Date(startEpochMs + at * 1000).toISOString();
  const message = (at: number) => `message ${at} "quoted", ${'é'.repeat(at % 300)}`;
  const rows = Array.from({ length: 3000 }, (_, at) => at);
  const event = (at: number) => ({
    ...{ logGroup: 'airflow-Prod-Task', logStream: `s${at}` },
    ...{ timestamp: startEpochMs + at, message: message(at) },
  });
  const stamp = (at: number) => iso(at).replace('Z', '+0000');
  const contents: Record<string, string> = {
    'JSON lines': rows.map((at) => `${JSON.stringify(event(at))}\n`).join(''),
    'JSON over several lines': JSON.stringify({ events: rows.map(event) }, null, 1),
    'JSON on one line': JSON.stringify(rows.map(event)),
    'JSON within JSON lines': `[\n${rows.map((at) => JSON.stringify(event(at))).join(',\n')}\n]`,
    CSV: `@timestamp,@message\n${rows
      .map((at) => `${startEpochMs + at},"${message(at).replaceAll('"', '""')}\n${at}"\n`)
      .join('')}`,
    'an Airflow log': rows
      .map((at) => `[${stamp(at)}] {taskinstance.py:1} INFO - ${message(at)}\ncontinued ${at}\n`)
      .join(''),
    'text of the AWS CLI': rows
      .map((at) => `EVENTS\t${startEpochMs + at}\t${message(at)}\t${startEpochMs + at}\n`)
      .join(''),
    'lines of aws logs tail': rows.map((at) => `${iso(at)} s${at} ${message(at)}\n`).join(''),
  };

  async function read(path: string, inputFile?: string) {
    const reading = readLogs(path, { nowEpochMs, ...(inputFile && { inputFile }) });
    const events: unknown[] = [];
    for await (const some of reading.batches()) events.push(...some);
    const { badLineCount, doubtCount } = reading.report;
    return { events, badLineCount, doubtCount };
  }

  test.each(Object.keys(contents))('of %s', async (name) => {
    const content = contents[name] ?? '';
    expect(content.length).toBeGreaterThan(2 * pieceBytes);
    const plain = await read(fileWith(content));
    // What is unpacked is never overwritten.
    const packed = await read(fileWith(gzipSync(content)));
    expect(plain.events.length).toBeGreaterThan(2500);
    expect(plain).toEqual(packed);
  });
});
