import { readFileSync } from 'node:fs';
import { sha256OfKernelSource } from '../../../local/line-kernel/compile-kernel.ts';
import { kernelCode, kernelSourceSha256 } from '../../../local/line-kernel/kernel-code.ts';
import { LineKernel } from '../../../local/line-kernel/line-kernel.ts';
import { LineScan, stop } from '../../../local/line-kernel/line-scan.ts';
import { layoutOf } from '../../../local/log-readers/exports/line-layout.ts';
import { hidesCharacter } from '../../../local/log-readers/lines/hidden-characters.ts';

/** The types of Node do not have it. */
declare const WebAssembly: {
  Module: (new (code: Uint8Array) => object) & { imports(module: object): readonly object[] };
};

test('the code of the kernel was compiled from its source of today: npm run kernel', () => {
  expect(kernelSourceSha256).toBe(sha256OfKernelSource());
});

describe('the code', () => {
  const module = new WebAssembly.Module(Buffer.from(kernelCode, 'base64'));

  test('needs nothing from its host', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([]);
  });

  test('exports the functions that are declared, with as many parameters, and its memory', () => {
    const source = readFileSync('local/line-kernel/line-kernel.ts', 'utf8');
    const [, declared = ''] = /^interface KernelFunctions \{\n([\s\S]*?)^\}/m.exec(source) ?? [];
    const functions = declared.matchAll(/^ {2}(\w+)\((.*)\): (?:number|void);$/gm);
    const expected = [...functions].map(([, name, parameters = '']) => [
      name,
      parameters.split(':').length - 1,
    ]);
    const exported = Object.entries(new LineKernel().run).map(([name, value]) => [
      name,
      typeof value === 'function' ? value.length : 'memory',
    ]);
    expect(exported.toSorted()).toEqual([...expected, ['memory', 'memory']].toSorted());
  });
});

test('the kernel reads exactly the lines with an escape that a search for bytes would miss', () => {
  const scan = LineScan.of(new LineKernel());
  scan.begin({}, { firstEpochMs: 0, lastEpochMs: Infinity, latestEpochMs: Infinity });
  const layout = layoutOf(lineOf('"x"'));
  if (layout !== undefined) scan.addLayout(layout);
  scan.groups.treat(0, { messages: 'pass', firstEpochMs: 0, lastEpochMs: Infinity }, true);
  const isRead = (written: string) => {
    const bytes = Buffer.from(`${lineOf(`"a${written}b"`)}\n`);
    const from = scan.kernel.input(bytes);
    let why = scan.scan(from, from + bytes.length);
    if (why === stop.newStream && scan.nameGroup('stream', 0)) why = scan.goOn();
    scan.takePassed(() => {});
    return why === stop.unread;
  };
  const differing: string[] = [];
  for (let unit = 0; unit < 0x10000; unit += 1) {
    const written = `\\u${unit.toString(16).padStart(4, '0')}`;
    if (isRead(written) !== hidesCharacter(unit)) differing.push(written);
  }
  expect(differing).toEqual([]);
});

/** A line of an answer of CloudWatch. */
function lineOf(json: string): string {
  return `{"logStreamName":"s","timestamp":1795332000000,"message":${json}}`;
}
