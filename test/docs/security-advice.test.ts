import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from '../../doctor/checks/all-checks.ts';
import { peopleAndDagWriters } from '../../doctor/examine.ts';
import { factsOf } from '../../doctor/facts/facts.ts';
import { healthy } from '../../doctor/fixtures/parts/healthy.ts';

const docs = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(docs, 'security-advice.md'), 'utf8');
const nothing = '–';

interface Row {
  readonly source: string;
  readonly advice: string;
  readonly enforced: string;
  readonly checked: string;
  readonly why: string;
}

/** The rows of all tables, each with the heading above its table. */
const rows = page
  .split(/^## /m)
  .slice(1)
  .flatMap((section): Row[] => {
    const [source = ''] = section.split('\n');
    const [, , ...lines] = section.split('\n').filter((line) => line.startsWith('|'));
    return lines.map((line) => {
      const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim());
      if (cells.length !== 4) throw new Error(`not four columns: ${line}`);
      const [advice = '', enforced = '', checked = '', why = ''] = cells;
      return { source, advice, enforced, checked, why };
    });
  });

const known = [...checks.map(({ id }) => id), peopleAndDagWriters(factsOf(healthy())).id];

test('each of the four sources is a table', () => {
  const sources = Map.groupBy(rows, ({ source }) => source);
  expect(sources.size).toBe(4);
  for (const ofSource of sources.values()) expect(ofSource.length).toBeGreaterThanOrEqual(6);
});

describe.each(rows.map((row) => [`${row.source}: ${row.advice}`, row] as const))(
  '%s',
  (_name, row) => {
    test('is enforced, checked, or explained', () => {
      expect([row.enforced, row.checked, row.why]).not.toEqual([nothing, nothing, nothing]);
    });

    test('names only checks that the doctor has', () => {
      const named = [...row.checked.matchAll(/`([^`]+)`/g)].map(([, id]) => id);
      expect(named.filter((id) => !known.includes(id ?? ''))).toEqual([]);
      expect(named.length > 0).toBe(row.checked !== nothing);
    });

    test('links to files that exist', () => {
      const links = [row.enforced, row.why].flatMap((cell) =>
        [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path),
      );
      expect(links.filter((path) => !existsSync(join(docs, path)))).toEqual([]);
    });
  },
);
