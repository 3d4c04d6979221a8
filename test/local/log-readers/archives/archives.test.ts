import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describeProblems } from '../../../../local/log-readers/report/read-report.ts';
import { LogFolder, readAll } from '../log-folder.ts';

const taskLog = 'dag_id=a/run_id=b/task_id=c/attempt=1.log';

function stamped(text: string): string {
  return `[2024-07-06T12:34:20.495+0000] {a.py:1} INFO - ${text}`;
}

interface TarOptions {
  readonly type?: string;
  readonly prefix?: string;
}

/** A member of a POSIX tar archive. */
function tarMember(
  name: string,
  content: string | Buffer,
  { type = '0', prefix = '' }: TarOptions = {},
): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write(`0000644\0${'0000000\0'.repeat(2)}`, 100);
  header.write(
    `${bytes.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0        ${type}`,
    124,
  );
  header.write('ustar\x0000', 257);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

const tarEnd = Buffer.alloc(1024);

function tar(members: Readonly<Record<string, string | Buffer>>): Buffer {
  return Buffer.concat([
    ...Object.entries(members).map(([name, content]) => tarMember(name, content)),
    tarEnd,
  ]);
}

interface ZipOptions {
  readonly method?: number;
  readonly flags?: number;
  readonly checksum?: number;
}

/** A zip archive; https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. */
function zip(members: Readonly<Record<string, string | Buffer>>, options: ZipOptions = {}): Buffer {
  const { method = 8, flags = 0 } = options;
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const bytes = Buffer.from(content);
    const packed = method === 0 ? bytes : deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(options.checksum ?? crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, rest, Buffer.from(name)]),
    );
    locals.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, entries, Buffer.from('PK\x05\x06'), end]);
}

const members = {
  [taskLog]: `${stamped('of a task')}\n`,
  'airflow-prod-WebServer/0a/webserver_ip-10-0-0-1_1795320000.log/000000.gz': gzipSync(
    '2026-11-22T05:50:10.123Z of an export\n',
  ),
};

let folder: LogFolder;
beforeEach(() => {
  folder = new LogFolder();
});
afterEach(() => {
  folder.remove();
});

async function messagesOf(path: string) {
  const { events, report } = await readAll(path);
  return { messages: events.map(({ message }) => message.split(' - ').at(-1)), report };
}

test.each([
  ['tar', tar(members)],
  ['tar.gz', gzipSync(tar(members))],
  ['tar.zst', zstdCompressSync(tar(members))],
  ['zip', zip(members)],
  ['stored.zip', zip(members, { method: 0 })],
  ['zip in tar.gz', gzipSync(tar({ 'inner.zip': zip(members) }))],
  ['tar.gz in zip', zip({ 'inner.tar.gz': gzipSync(tar(members)) })],
])('%s: each member is read as a file of its name', async (name, content) => {
  const path = folder.write(name.replaceAll(' ', '.'), content);
  const { events, report } = await readAll(path);
  expect(describeProblems(report)).toEqual([]);
  expect(events.map(({ logGroup, logStream, message }) => [logGroup, logStream, message])).toEqual([
    ['airflow-local-Task', taskLog, stamped('of a task')],
    ['airflow-prod-WebServer', 'webserver_ip-10-0-0-1_1795320000.log', 'of an export'],
  ]);
  expect(report.files).toBe(2);
});

test.each([
  ['tar', tar],
  ['tar.gz', (some: Record<string, string>) => gzipSync(tar(some))],
  ['zip', (some: Record<string, string>) => zip(some, { method: 0 })],
  ['zip in tar', (some: Record<string, string>) => tar({ 'inner.zip': zip(some, { method: 0 }) })],
])(
  '%s of many pieces that was kept from the standard input is read as from a file',
  async (name, pack) => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `${stamped(`line ${at}`)}\n`);
    const path = folder.write('kept', pack({ [taskLog]: lines.join('') }));
    const { events, report } = await readAll('-', { inputFile: path });
    expect({ name, problems: describeProblems(report) }).toEqual({ name, problems: [] });
    expect(events.map(({ message }) => `${message}\n`)).toEqual(lines);
  },
);

test('names over the length of a tar header are read in full', async () => {
  const long = `dag_id=${'d'.repeat(120)}/run_id=b/task_id=c/attempt=1.log`;
  const attribute = `path=${long}\n`;
  const length = attribute.length + 4;
  const log = `${stamped('x')}\n`;
  const forms = {
    gnu: [tarMember('././@LongLink', `${long}\0`, { type: 'L' }), tarMember('cut', log)],
    posix: [
      tarMember('PaxHeader/x', `${length} ${attribute}`, { type: 'x' }),
      tarMember('cut', log),
    ],
    ustar: [tarMember('attempt=1.log', log, { prefix: long.replace('/attempt=1.log', '') })],
  };
  for (const [name, blocks] of Object.entries(forms)) {
    const { events } = await readAll(
      folder.write(`${name}.tar`, Buffer.concat([...blocks, tarEnd])),
    );
    expect(events.map(({ logStream }) => logStream)).toEqual([long]);
  }
});

test.each([
  [
    'tar',
    tar({ 'a.log': stamped('x'), '../../../etc/passwd': 'root\n', '/tmp/b.log': stamped('y') }),
  ],
  [
    'zip',
    zip({ 'a.log': stamped('x'), '../../../etc/passwd': 'root\n', '/tmp/b.log': stamped('y') }),
  ],
])('%s: the name of a member leads nowhere out of the archive', async (name, content) => {
  const path = folder.write(`x.${name}`, content);
  const { messages, report } = await messagesOf(path);
  expect(messages).toEqual(['x', 'y']);
  expect(report.skipped).toEqual([
    {
      file: `${path}/etc/passwd`,
      reason: expect.stringContaining('neither NDJSON events'),
      isHarmless: false,
    },
  ]);
});

test.each([
  [
    'a member that is no log',
    tar({ 'a.log': stamped('x'), 'notes.txt': 'hello\n' }),
    /notes\.txt: not read: it contains neither/,
  ],
  [
    'an archive that is cut off',
    tar({ 'a.log': stamped('x'), 'b.log': `${stamped('y')}\n`.repeat(100) }).subarray(0, 3000),
    /the tar archive is broken \(it is cut off\)/,
  ],
  [
    'a compressed archive that is cut off',
    gzipSync(
      tar({
        'a.log': stamped('x'),
        'b.log': Buffer.from(crypto.getRandomValues(new Uint8Array(9000))),
      }),
    ).subarray(0, 5000),
    /the gzip data is broken \(it is cut off\)/,
  ],
  [
    'an archive with a broken header',
    Buffer.concat([tarMember('a.log', stamped('x')), Buffer.alloc(512, 'x'), tarEnd]),
    /a member does not begin with a header/,
  ],
  [
    'an archive followed by another one',
    Buffer.concat([tar({ 'a.log': stamped('x') }), tar({ 'b.log': stamped('y') })]),
    /its end is followed by other data/,
  ],
  [
    'a sparse member',
    Buffer.concat([
      tarMember('a.log', stamped('x')),
      tarMember('b.log', 'y', { type: 'S' }),
      tarEnd,
    ]),
    /b\.log: not read: it is a sparse file/,
  ],
  ['an encrypted member', zip({ 'a.log': stamped('x') }, { flags: 1 }), /it is encrypted/],
  [
    'a member of another method',
    zip({ 'a.log': stamped('x') }, { method: 93 }),
    /by method 93 of zip/,
  ],
  [
    'a member whose checksum is wrong',
    zip({ 'a.log': stamped('x') }, { checksum: 7 }),
    /the zip archive is broken \(the checksum of a file/,
  ],
  [
    'a zip that is cut off',
    zip({ 'a.log': stamped('x') }).subarray(0, -30),
    /the zip archive is broken/,
  ],
  [
    'a workbook',
    zip({ '[Content_Types].xml': '<x/>', 'xl/workbook.xml': '<x/>' }),
    /Microsoft Office; save it as CSV/,
  ],
  [
    'archives in archives without end',
    [0, 1, 2, 3, 4].reduce((inner) => tar({ 'inner.tar': inner }), tar({ 'a.log': stamped('x') })),
    /an archive in more than 3 others/,
  ],
])('%s is reported, and the rest is read', async (_, content, said) => {
  folder.write('good.log', `${stamped('good')}\n`);
  folder.write('archive', content);
  const { messages, report } = await messagesOf(folder.path);
  expect(messages).toContain('good');
  expect(describeProblems(report).join('\n')).toMatch(said);
  expect(report.isComplete).toBe(false);
});

test('a single archive that is cut off gives the members before that place, and is reported', async () => {
  const whole = tar({ 'a.log': `${stamped('x')}\n`, 'b.log': `${stamped('y')}\n`.repeat(100) });
  const path = folder.write('x.tar', whole.subarray(0, 1200));
  const { messages, report } = await messagesOf(path);
  expect(messages).toEqual(['x']);
  expect(describeProblems(report).join('\n')).toMatch(
    /x\.tar: not read: the tar archive is broken/,
  );
  expect(report.isComplete).toBe(false);
});

test('what macOS puts beside each member is not reported as missing', async () => {
  const path = folder.write(
    'x.tar',
    tar({ 'a.log': stamped('x'), '._a.log': Buffer.from([0, 5, 22, 7]) }),
  );
  const { messages, report } = await messagesOf(path);
  expect(messages).toEqual(['x']);
  expect(report.isComplete).toBe(true);
});

test('links in an archive are not missing', async () => {
  const link = tarMember('latest', '', { type: '2' });
  const path = folder.write(
    'x.tar',
    Buffer.concat([tarMember('a.log', stamped('x')), link, tarEnd]),
  );
  expect((await messagesOf(path)).report).toMatchObject({ isComplete: true, events: 1 });
});

describe('Parquet', () => {
  const own = {
    logGroup: 'airflow-prod-Task',
    logStream: taskLog,
    timestamp: Date.parse('2026-11-22T05:49:59.120Z'),
    ingestionTime: Date.parse('2026-11-22T05:50:03Z'),
    message: stamped('a "quoted" line\nand more'),
  };

  async function writeParquet(name: string, select: string): Promise<string> {
    const path = folder.write(name, '');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    return path;
  }

  const message = `'${own.message}'`;
  test.each([
    [
      'times',
      `TIMESTAMP '2026-11-22 05:49:59.12' AS "timestamp", TIMESTAMPTZ '2026-11-22 05:50:03+00' AS "ingestionTime", ${message} AS message`,
    ],
    [
      'milliseconds and bytes',
      `${own.timestamp} AS "timestamp", ${own.ingestionTime} AS "ingestionTime", encode(${message}) AS message`,
    ],
  ])('with %s is read with all that it has', async (name, columns) => {
    const path = await writeParquet(
      `${name} [1].parquet`,
      `SELECT '${own.logGroup}' AS "logGroup", '${own.logStream}' AS log_stream, ${columns}`,
    );
    const { events, report } = await readAll(path);
    expect(describeProblems(report)).toEqual([]);
    expect(events).toEqual([own]);
  });

  test('of subscription payloads, as Firehose converts them, is read', async () => {
    const path = await writeParquet(
      'x.parquet',
      `SELECT 'DATA_MESSAGE' AS messagetype, '${own.logGroup}' AS loggroup, '${own.logStream}' AS logstream, [{'id': '1', 'timestamp': ${own.timestamp}, 'message': ${message}}] AS logevents`,
    );
    const { ingestionTime: _, ...event } = own;
    expect((await readAll(path)).events).toEqual([event]);
  });

  test('that is broken is an error that names the file', async () => {
    const path = folder.write('x.parquet', 'PAR1 broken');
    await expect(readAll(path)).rejects.toThrow(
      `cannot read ${path}: the Parquet file cannot be read`,
    );
  });
});
