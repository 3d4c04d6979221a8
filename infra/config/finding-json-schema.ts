import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findingEventSchema } from '../../lambda/model/finding.ts';

export const findingSchemaFile = fileURLToPath(
  new URL('../../docs/finding-event.schema.json', import.meta.url),
);

/**
 * The JSON Schema of the `detail` of an event on the bus, by which receivers check it or generate code
 * (`npm run schemas` writes it). Later versions add fields, so it allows others.
 *
 * Draft 4, as EventBridge's schema registry reads it.
 */
export function findingJsonSchema(): string {
  const schema = z.toJSONSchema(findingEventSchema, { target: 'draft-4', io: 'input' });
  const about = {
    title: 'MWAA Privilege Finding',
    description:
      'The detail of an event with the source mwaa-privilege-monitor and the detail-type MWAA Privilege Finding: one finding of MWAA Privilege Monitor. docs/messages.md explains the fields.',
  };
  return `${JSON.stringify({ ...about, ...schema }, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(findingSchemaFile, findingJsonSchema());
