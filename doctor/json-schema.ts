import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { reportSchema } from './report.ts';

export const jsonSchemaFile = fileURLToPath(new URL('report.schema.json', import.meta.url));

/** The JSON Schema of what `doctor --json` prints; `npm run schemas` writes it to the file. */
export function reportJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(jsonSchemaFile, reportJsonSchema());
