import { packText } from '../../lambda/query/pack-text.ts';
import { packCandidates } from '../../queries/tools/pack-candidates.ts';
import { detectionsOf, pack, plan, signalsOf } from './pack.ts';

const lines = pack.flatMap(({ id, tests }) => [
  ...tests.matches.map((line, at) => ({ id, at, ...line, matches: true })),
  ...tests.ignores.map((line, at) => ({ id, at, ...line, parsed: undefined, matches: false })),
]);

test.each(lines)('$id decides its $logType line $at (matches: $matches)', (line) => {
  const found = detectionsOf(line.message, `airflow-test-${line.logType}`);
  expect(found.includes(line.id)).toBe(line.matches);
});

test.each(lines.filter(({ matches }) => matches))(
  '$id reads its own line $at: the verb and every field of the line',
  ({ id, logType, message, parsed }) => {
    const read = signalsOf(logType, message).filter(({ detections }) => detections.includes(id));
    // Opening a form by GET is read, too, so that each line gives a signal.
    expect(read).not.toEqual([]);
    const names = Object.entries(parsed ?? {}).map(([name, value]) => ({
      field: name.replace(/_\d+$/, ''),
      value,
    }));
    for (const { field, value } of names) {
      if (!/^(?:target|role|object)$/.test(field) || value === '%s') continue;
      const seen = read.map((signal) => String(Reflect.get(signal, field)).toLowerCase());
      expect(seen).toContain(value.toLowerCase());
    }
  },
);

test('every parsed text that decides the verb is in the list of verbs', () => {
  const unknown = lines
    .filter(({ matches }) => matches)
    .flatMap(({ id, logType, message }) =>
      signalsOf(logType, message)
        .filter(({ detections, verb }) => detections.includes(id) && verb === undefined)
        .map(({ kind }) => ({ id, kind })),
    );
  // A failure need not name its command; a command's verb may be in a variable or masked. Another
  // product's line only identifies the product of a nearby line.
  const tells = ['failure', 'command', 'partial', 'other-product'];
  expect(unknown.filter(({ kind }) => !tells.includes(kind))).toEqual([
    { id: 'cli-token-endpoint-used', kind: 'notice' },
  ]);
});

test('the whole pack fits with exact filters, with space for more detections', () => {
  const candidates = packCandidates(pack);
  expect(candidates.filter(({ filter }) => filter === undefined)).toEqual([]);
  expect(packText(candidates).queryString.length).toBeLessThan(9950);
});

test.each([...plan.values()])(
  '$id: fields of raise come from its parse or from a reader',
  ({ raise, parse, signal }) => {
    const fields = parse.flatMap(({ groups }) => Object.keys(groups));
    const known = new Set([
      ...fields.map((field) => field.replace(/_\d+$/, '')),
      ...(signal === 'request' || signal === 'partial' ? ['role'] : []),
      ...(signal === 'partial' ? ['resource'] : []),
    ]);
    for (const field of raise.flatMap(({ when }) => Object.keys(when))) {
      expect(known).toContain(field);
    }
  },
);
