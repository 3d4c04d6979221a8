import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { detectionSchema } from './detection-schema.ts';

export const jsonSchemaFile = fileURLToPath(new URL('../detection.schema.json', import.meta.url));

/**
 * The schema with which editors check a detection file (`npm run schemas` writes it); the loader
 * checks more.
 */
export function detectionJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(detectionSchema, { io: 'input' }), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(jsonSchemaFile, detectionJsonSchema());
