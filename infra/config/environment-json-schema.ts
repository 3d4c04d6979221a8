import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { verbNames } from '../../lambda/model/verbs.ts';
import { environmentSchema } from './environment-config.ts';

/** A part of a JSON Schema, as far as it is changed here. */
interface JsonSchema {
  description?: string;
  enum?: readonly unknown[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  [keyword: string]: unknown;
}

const explainedPath = fileURLToPath(new URL('../../docs/environments/full.yaml', import.meta.url));

/** Where editors find the schema; {@link schemaComment} is relative to the folder of this file. */
export const environmentSchemaFile = fileURLToPath(
  new URL('../../environments/environment.schema.json', import.meta.url),
);

/** The first line of a file in `environments/`, by which an editor finds the schema. */
export const schemaComment = '# yaml-language-server: $schema=environment.schema.json';

/**
 * The schema with which editors complete and check `environments/*.yaml` (`npm run schemas` writes it).
 * The synthesis checks more: rules between fields have no form in JSON Schema.
 *
 * Draft 7, which every editor's YAML support reads.
 */
export function environmentJsonSchema(): string {
  const schema = z.toJSONSchema(environmentSchema, {
    io: 'input',
    target: 'draft-7',
  }) as JsonSchema;
  writeListsOfApprovals(schema);
  describe(schema, readFileSync(explainedPath, 'utf8'));
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** One text stands for a list of one: zod cannot say so of a transformation. */
function writeListsOfApprovals(schema: JsonSchema): void {
  const fields = schema.properties?.approvedChanges?.items?.properties;
  if (fields === undefined) throw new Error('the schema has no approvedChanges');
  const oneOrMore = (each: object) => ({
    anyOf: [each, { type: 'array', items: each, minItems: 1 }],
  });
  const text = { type: 'string', minLength: 1 };
  fields.verb = oneOrMore({ type: 'string', enum: verbNames });
  fields.user = oneOrMore(text);
  fields.role = oneOrMore(text);
}

/**
 * Describes each field by the comment above it in the file that explains all of them, so that people
 * read the same in an editor. A field directly below another one shares its comment. Fields that the
 * file shows as comments count as well.
 */
function describe(schema: JsonSchema, explained: string): void {
  let comment: string[] = [];
  let isComplete = false;
  const parents: JsonSchema[] = [schema];
  for (const line of explained.split('\n')) {
    const written = line.replaceAll('# ', '');
    const [, indent = '', key = ''] = /^( *)([a-zA-Z0-9]+):(?: |$)/.exec(written) ?? [];
    const depth = indent.length / 2;
    const field = parents[depth]?.properties?.[key];
    if (field !== undefined) {
      parents.splice(depth + 1, parents.length, field);
      // Of a field that is shown twice, the first comment counts.
      if (comment.length > 0) field.description ??= comment.join('\n');
      isComplete = true;
    } else if (/^ *#/.test(line)) {
      if (isComplete) comment = [];
      isComplete = false;
      comment.push(line.replace(/^[ #]+/, ''));
    } else if (line.trim() === '') {
      comment = [];
    }
  }
}

if (import.meta.main) writeFileSync(environmentSchemaFile, environmentJsonSchema());
