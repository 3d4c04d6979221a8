import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { selftestReportSchema } from './report.ts';

export const jsonSchemaFile = fileURLToPath(new URL('report.schema.json', import.meta.url));

/** What `selftest --json` prints, for programs that read it (`npm run schemas` writes it). */
export function selftestJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(selftestReportSchema), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(jsonSchemaFile, selftestJsonSchema());
