import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuditAbout,
  type AuditReading,
  checkSameAudit,
  newState,
} from '../../../cli/audit/audit-state.ts';
import { readState, StateFile } from '../../../cli/audit/state-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'audit-state-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'a.json');
afterEach(() => rmSync(path, { force: true }));

const start = Date.UTC(2026, 10, 22);
const about: AuditAbout = {
  ...{ environment: 'prod', region: 'eu-west-1', account: '123456789012', planHash: 'h' },
  ...{ range: { startEpochMs: start, endEpochMs: start + 60_000 }, sliceMs: 10_000 },
};
const reading: AuditReading = {
  ...{ lane: 'pack', window: about.range, logGroups: ['a'], outOfReach: [], unsure: [] },
  ...{ matches: {}, flooded: false, unreadable: [], bytesScanned: 1, doubts: 0, lines: [] },
};
const plan = { candidates: [] };

test('a saved state is read back unchanged', async () => {
  const state = { ...newState(about), readings: [reading] };
  await new StateFile(path).save(state);
  expect(await readState(path)).toEqual(state);
  expect(await readState(join(directory, 'none.json'))).toBeUndefined();
});

test('only the owner can read the file, even if it was readable by others before', async () => {
  writeFileSync(path, '{}');
  chmodSync(path, 0o644);
  await new StateFile(path).save(newState(about));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a planted link next to the file is not followed', async () => {
  const other = join(directory, 'other');
  const link = `${path}.${process.pid}.tmp`;
  writeFileSync(other, 'precious');
  symlinkSync(other, link);
  await new StateFile(path).save(newState(about));
  expect(readFileSync(other, 'utf8')).toBe('precious');
  expect(await readState(path)).toEqual(newState(about));
  for (const each of [other, link]) rmSync(each, { force: true });
});

test('rapid saves leave the last state in the file, and no other file', async () => {
  const file = new StateFile(path);
  const states = Array.from({ length: 20 }, (_, at) => ({
    ...newState(about),
    readings: Array.from({ length: at }, () => reading),
  }));
  await Promise.all(states.map((state) => file.save(state)));
  expect((await readState(path))?.readings).toHaveLength(19);
  expect(readdirSync(directory)).toEqual(['a.json']);
});

test('a failed write leaves the previous content', async () => {
  await new StateFile(path).save(newState(about));
  const before = readFileSync(path, 'utf8');
  const folder = new StateFile(directory);
  await expect(folder.save(newState(about))).rejects.toThrow(/--state .*: cannot be written \(/);
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect(readdirSync(directory)).toEqual(['a.json']);
});

test.each([
  ['a truncated state', (text: string) => text.slice(0, -20), /must be JSON written by an audit/],
  [
    'an unknown field',
    (text: string) => text.replace('"schema":1', '"schema":1,"x":2'),
    /x: unknown field/,
  ],
  [
    'an unknown lane',
    (text: string) => text.replace('"pack"', '"scan"'),
    /readings\[0\]\.lane: .*got "scan"/,
  ],
  [
    'half a second',
    (text: string) => text.replace(`${start}`, `${start + 500}`),
    /about\.range: must end after its start, both on whole seconds/,
  ],
  [
    'no account',
    (text: string) => text.replace('"account":"123456789012",', ''),
    /about\.account: is required/,
  ],
])('%s is refused in one line that names file and field', async (_what, change, sentence) => {
  await new StateFile(path).save({ ...newState(about), readings: [reading] });
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  const refusal = readState(path);
  await expect(refusal).rejects.toThrow(sentence);
  await expect(refusal).rejects.toThrow(`--state ${path}: `);
});

test.each([
  ['environment', { environment: 'other' }],
  ['region', { region: 'us-east-1' }],
  ['account', { account: '210987654321' }],
  ['planHash', { planHash: 'other' }],
  ['range', { range: { ...about.range, startEpochMs: start - 1000 } }],
])('the state of another %s is refused', (field, change) => {
  expect(() => checkSameAudit(path, newState(about), { ...about, ...change }, plan)).toThrow(
    new RegExp(
      `^--state .*: about\\.${field}: must be .* for this audit, got .*; give another file`,
    ),
  );
});

test('a state can be continued with another slice width', () => {
  expect(() =>
    checkSameAudit(path, newState(about), { ...about, sliceMs: 5000 }, plan),
  ).not.toThrow();
});

test('texts without one of the detections are refused', () => {
  const texts = { refused: [], accepted: [['a']], open: [], isSettled: true };
  const candidates = ['a', 'b'].map((id) => ({ id, filter: 'x', condition: { and: [] } }));
  expect(() => checkSameAudit(path, { ...newState(about), texts }, about, { candidates })).toThrow(
    /texts: must have each of the 2 detections once, got 1/,
  );
});
