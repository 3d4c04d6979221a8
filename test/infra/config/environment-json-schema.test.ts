import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import {
  environmentJsonSchema,
  environmentSchemaFile,
} from '../../../infra/config/environment-json-schema.ts';

const text = environmentJsonSchema();
const schema = JSON.parse(text);
/** The schema as an editor applies it, without our own rules. */
const editor = z.fromJSONSchema(schema);

test('the committed schema is the one of the code: npm run schemas', () => {
  expect(JSON.parse(readFileSync(environmentSchemaFile, 'utf8'))).toEqual(schema);
});

interface Field {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Field>>;
}

test('an editor explains every field, in the words of docs/environments/full.yaml', () => {
  expect(undescribed(schema)).toEqual([]);
  expect(schema.properties.settleMinutes.description).toBe(
    'Minutes that a scan lags the present, so that log lines have arrived (0 to 60).',
  );
  expect(schema.properties.airflow.properties.maxWorkers.description).toBe(
    '1 to 50; mw1.micro has one.',
  );
});

/** The fields without a description that hold no other fields. */
function undescribed({ properties = {} }: Field, path: readonly string[] = []): string[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    if (field.properties !== undefined) return undescribed(field, [...path, name]);
    return field.description === undefined ? [[...path, name].join('.')] : [];
  });
}

test('an editor offers Regions, periods, retention times and detections', () => {
  const { region, everyMinutes, scannerLogRetentionDays, detections } = schema.properties;
  expect(region.enum).toContain('eu-west-1');
  expect(everyMinutes.enum).toContain(15);
  expect(scannerLogRetentionDays.enum).toContain(3653);
  expect(detections.properties.disable.items.enum).toContain('cli-role-granted');
});

const approval = { dag: 'a', verb: 'grant-role', user: 'bob', role: 'Viewer' };
const answer = { reason: 'r', owner: 'o', expires: '2030-01-01' };

test.each(['docs/environments/full.yaml', 'docs/environments/hardened.yaml'])(
  'an editor accepts %s',
  (path) => {
    const input = parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));
    expect(editor.safeParse(input).error).toBeUndefined();
  },
);

test.each([
  { everyMinutes: 60, alertAt: 'high', nearSweep: { lagMinutes: 90 } },
  { approvedChanges: [{ ...approval, ...answer }] },
  { approvedChanges: [{ ...approval, ...answer, user: ['bob', 'eve'] }] },
])('an editor accepts what the synthesis accepts: %j', (fields) => {
  const input = { mwaaEnvironment: 'prod', ...fields };
  expect(environmentSchema.safeParse(input).success).toBe(true);
  expect(editor.safeParse(input).success).toBe(true);
});

test.each([
  [{ mwaaEnvironment: '9lives' }],
  [{ mwaaEnvironment: undefined }],
  [{ account: 111122223333 }],
  [{ region: 'eu-west-9' }],
  [{ everyMinutes: 7 }],
  [{ scannerLogRetentionDays: 100 }],
  [{ settleMinute: 5 }],
  [{ logTypes: { Task: 'sometimes' } }],
  [{ detections: { disable: ['no-such-detection'] } }],
  [{ notify: { email: ['nobody'] } }],
  [{ approvedChanges: [{ ...approval, ...answer, verb: 'grant-rule' }] }],
  [{ airflow: {} }],
])('an editor marks what the synthesis refuses: %j', (fields) => {
  const input = JSON.parse(JSON.stringify({ mwaaEnvironment: 'prod', ...fields }));
  expect(environmentSchema.safeParse(input).success).toBe(false);
  expect(editor.safeParse(input).success).toBe(false);
});
