import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedDetectionId, loadDetections } from '../../queries/load-detections.ts';

const root = join(import.meta.dirname, '../..');
const detections = loadDetections().filter(({ id }) => id !== documentedDetectionId);
const byRunbook = Map.groupBy(detections, ({ runbook }) => runbook);

describe.each([...byRunbook])('%s', (runbook, ofRunbook) => {
  const text = readFileSync(join(root, runbook), 'utf8');

  test('names every detection that sends people to it', () => {
    for (const { id } of ofRunbook) expect(text).toContain(`\`${id}\``);
  });

  test.each(['## Check', '## Take it back', '## When it is harmless'])(
    'says it under %s',
    (head) => {
      expect(text).toContain(`\n${head}\n`);
    },
  );

  test('names the sources beside the log: Airflow’s audit log, and commands to copy', () => {
    expect(text).toMatch(/Audit Logs|audit log/);
    expect(text).toMatch(/^(?: {3})?```sh$/m);
  });

  test('leads to runbooks that there are', () => {
    for (const [, file = ''] of text.matchAll(/\]\(([\w-]+\.md)\)/g)) {
      expect(() => readFileSync(join(root, 'docs/runbooks', file))).not.toThrow();
    }
  });
});
