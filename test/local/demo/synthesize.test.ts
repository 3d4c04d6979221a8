import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../../local/demo/run-demo.ts';

const work = mkdtempSync(join(tmpdir(), 'synthesize-'));
afterAll(() => rmSync(work, { recursive: true }));

test('an environment whose name no stack can have is synthesized as well', async () => {
  const assembly = await synthesize({ mwaaEnvironment: 'prod_airflow', everyMinutes: 5 }, work);
  expect(readdirSync(assembly)).toContain('MonitorStack-prod-airflow.template.json');
});
