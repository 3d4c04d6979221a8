import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { reportSchema } from './report.ts';

export const jsonSchemaFile = fileURLToPath(new URL('report.schema.json', import.meta.url));

/** What `doctor --json` prints, for programs that read it (`npm run schemas` writes it). */
export function reportJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(jsonSchemaFile, reportJsonSchema());
