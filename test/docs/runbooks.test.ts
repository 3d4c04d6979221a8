import { readdirSync, readFileSync } from 'node:fs';
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

test.each(readdirSync(join(root, 'docs/runbooks')))(
  '%s: its commands can be pasted from top to bottom, each variable is set before it is used',
  (file) => {
    const text = readFileSync(join(root, 'docs/runbooks', file), 'utf8');
    const commands = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block]) => block);
    const set = new Set<string>();
    for (const line of commands.join('').split('\n')) {
      for (const [, name = ''] of line.matchAll(/\$([A-Z]+)\b/g)) expect([...set]).toContain(name);
      const [, assigned] = /^ *([A-Z]+)=/.exec(line) ?? [];
      if (assigned !== undefined) set.add(assigned);
    }
  },
);
