import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { findingJsonSchema, findingSchemaFile } from '../../../infra/config/finding-json-schema.ts';
import { findingEvent } from '../../../lambda/messages/finding-event.ts';
import { sampleFinding, sampleSender } from '../../lambda/setup/sample-finding.ts';

const schema = JSON.parse(findingJsonSchema());
/** The schema as a receiver applies it, without our own code. */
const receiver = z.fromJSONSchema(schema);
const detail = () => JSON.parse(findingEvent(sampleFinding, sampleSender, {}).Detail);

test('the committed schema is the one of the code: npm run schemas', () => {
  expect(JSON.parse(readFileSync(findingSchemaFile, 'utf8'))).toEqual(schema);
});

test('a receiver with the schema accepts an event, also with a field of a later version', () => {
  expect(receiver.safeParse(detail()).error).toBeUndefined();
  expect(receiver.safeParse({ ...detail(), later: { field: 1 } }).error).toBeUndefined();
});

test.each([
  { id: 'not-an-id' },
  { severity: 'severe' },
  { kind: 'digest' },
  { account: '12' },
  { evidence: [{ message: 'alone' }] },
])('it refuses what no event holds: %j', (change) => {
  expect(receiver.safeParse({ ...detail(), ...change }).success).toBe(false);
});
