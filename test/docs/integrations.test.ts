import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { z } from 'zod';
import { findingEvent, inRequests } from '../../lambda/messages/finding-event.ts';
import type { FindingEvent } from '../../lambda/model/finding.ts';
import { severities } from '../../lambda/model/severity.ts';
import eventBridge from '../fixtures/receivers/event-bridge.json' with { type: 'json' };
import jira from '../fixtures/receivers/jira.json' with { type: 'json' };
import pagerDuty from '../fixtures/receivers/pagerduty.json' with { type: 'json' };
import { sampleFinding, sampleSender } from '../lambda/setup/sample-finding.ts';

const page = readFileSync('docs/integrations.md', 'utf8');

/** The JSON of a block of the page, by the word after the language. */
function block(name: string) {
  const [, text] = new RegExp(`^\`\`\`json ${name}\n([\\s\\S]*?)^\`\`\``, 'm').exec(page) ?? [];
  if (text === undefined) throw new Error(`the page has no block ${name}`);
  return JSON.parse(text);
}

interface Transformer {
  readonly InputPathsMap: Readonly<Record<string, string>>;
  readonly InputTemplate: string;
}

/** What may be put between quotes: EventBridge is not documented to escape it there. */
const plain = /^[\w-]+$/;

/**
 * What EventBridge makes of an event, for a template that is JSON: a variable outside of quotes is put as
 * JSON, one in quotes as text.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 *
 * @throws Error for a path without a value, and for text in quotes that could end them
 */
function transformed({ InputPathsMap, InputTemplate }: Transformer, event: object): unknown {
  const variable = (name: string): unknown => {
    const [, ...path] = (InputPathsMap[name] ?? '').split('.');
    const value = path.reduce<unknown>((part, key) => Reflect.get(Object(part), key), event);
    if (path.length === 0 || value === undefined) throw new Error(`<${name}> has no value`);
    return value;
  };
  const parts = InputTemplate.split(/("(?:[^"\\]|\\.)*")/);
  const text = parts.map((part) =>
    part.startsWith('"')
      ? part.replace(/<(\w+)>/g, (_, name) => {
          const value = String(variable(name));
          if (!plain.test(value)) throw new Error(`<${name}> stands in quotes: ${value}`);
          return value;
        })
      : part.replace(/<(\w+)>/g, (_, name) => JSON.stringify(variable(name))),
  );
  return JSON.parse(text.join(''));
}

/** Whether a pattern of values alone matches, as the recipes' patterns are. */
function matches(pattern: object, event: object): boolean {
  return Object.entries(pattern).every(([key, rule]) => {
    const value: unknown = Reflect.get(event, key);
    return Array.isArray(rule) ? rule.includes(value) : matches(rule, Object(value));
  });
}

function eventAbout(detail: FindingEvent) {
  return {
    ...{ version: '0', id: '17793124-05d4-b198-2fde-7ededc63b103', account: detail.account },
    ...{ source: 'mwaa-privilege-monitor', 'detail-type': 'MWAA Privilege Finding' },
    ...{ time: '2026-03-01T09:00:06Z', region: detail.region, resources: [], detail },
  };
}

const hostile = '"}, {"x": "<id>", \\ \n <severity>';
const findings = severities.slice(1).flatMap((severity) => [
  { ...sampleFinding, severity },
  { ...sampleFinding, severity, title: hostile, target: hostile, actor: { dag: hostile } },
]);
const events = findings.map((finding) =>
  eventAbout(JSON.parse(findingEvent(finding, sampleSender).Detail)),
);

const receivers: [string, object, object][] = [
  // The connection adds the routing key to the body.
  ['pagerduty', pagerDuty.schema, { routing_key: 'r'.repeat(32) }],
  ['jira', jira.schema, {}],
];

test.each(receivers)('%s accepts what its template makes of a finding', (name, schema, added) => {
  const receiver = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  const matching = events.filter((event) => matches(block(`${name}-pattern`), event));
  expect(matching.length).toBeGreaterThanOrEqual(2);
  for (const event of matching) {
    const body = Object(transformed(block(`${name}-transformer`), event));
    expect(receiver.safeParse({ ...body, ...added }).error).toBeUndefined();
    expect(receiver.safeParse({ ...body, ...added, unknown: 1 }).success).toBe(false);
    expect(JSON.stringify(body)).toContain(JSON.stringify(event.detail.title).slice(1, -1));
    expect(JSON.stringify(body)).toContain(event.detail.id);
  }
});

test.each([
  ['a document of another version', { version: 2 }],
  ['a paragraph without a type', { content: [{ content: [] }] }],
  [
    'a text of nothing',
    { content: [{ type: 'paragraph', content: [{ type: 'text', text: '' }] }] },
  ],
])('jira refuses %s in a description', (_, change) => {
  const receiver = z.fromJSONSchema(jira.schema as Parameters<typeof z.fromJSONSchema>[0]);
  const body = Object(transformed(block('jira-transformer'), events.at(-1) ?? {}));
  const { fields } = body;
  expect(receiver.safeParse(body).success).toBe(true);
  const description = { ...fields.description, ...change };
  expect(receiver.safeParse({ fields: { ...fields, description } }).success).toBe(false);
});

test('no name in a finding changes the structure of what a template makes', () => {
  const template = block('jira-transformer');
  const shapeOf = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'string' ? '' : part)));
  const [first] = events;
  if (first === undefined) throw new Error('there is no event');
  const shape = shapeOf(transformed(template, first));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (title) => {
      const event = { ...first, detail: { ...first.detail, title } };
      expect(shapeOf(transformed(template, event))).toEqual(shape);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('the pattern of the page matches what the monitor puts, and no test', () => {
  const pattern = JSON.parse(/```json\n(\{[\s\S]*?)```/.exec(page)?.[1] ?? '');
  expect(pattern['detail-type']).toEqual(['MWAA Privilege Finding']);
  expect(pattern.detail.kind).toEqual([{ 'anything-but': 'test' }]);
});

test('EventBridge’s own model accepts the entries', () => {
  const [request = []] = inRequests(
    findings.map((finding) => findingEvent(finding, sampleSender)),
    (event) => event,
  );
  expect(request.length).toBeLessThanOrEqual(eventBridge.entriesMax);
  for (const event of request) {
    expect(eventBridge.members).toEqual(expect.arrayContaining(Object.keys(event)));
    expect(event.DetailType.length).toBeLessThanOrEqual(eventBridge.detailTypeMax);
    expect(event.Source).not.toMatch(/^aws/);
    expect(JSON.parse(event.Detail)).toBeInstanceOf(Object);
  }
  const arn = 'arn:aws:events:eu-west-1:123456789012:event-bus/mwaa-privilege-monitor-prod';
  expect(arn).toMatch(new RegExp(`^(?:${eventBridge.eventBusName})$`));
});
