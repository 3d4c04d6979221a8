import fc from 'fast-check';
import { type FusibleDetection, fuseDetections } from '../../query-language/fuse-detections.ts';
import { maxQueryCharacters, parseQuery } from '../../query-language/parse-query.ts';
import { QueryError } from '../../query-language/query-error.ts';
import { conditionText } from './expression-arbitrary.ts';
import { withoutSpans } from './tree-fixture.ts';

const allLogTypes = ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'];

const granted: FusibleDetection = {
  id: 'granted',
  query: 'fields @message | filter @message like /added to role/',
  logTypes: allLogTypes,
};

function fuse(...detections: readonly FusibleDetection[]) {
  return fuseDetections(detections, allLogTypes);
}

/** What a fused text asks of each column. */
function conditionsOf(queryString: string) {
  const [fields] = parseQuery(queryString).commands;
  if (fields?.kind !== 'fields') throw new Error('no fields command');
  return new Map(fields.items.map(({ columnName, expression }) => [columnName, expression]));
}

function conditionOf(text: string) {
  const [command] = parseQuery(`filter ${text}`).commands;
  if (command?.kind !== 'filter') throw new Error('not a filter');
  return command.condition;
}

test('one detection of all log types is one flag, and only its events come back', () => {
  expect(fuse(granted)).toMatchObject([
    {
      queryString:
        'fields @message like /added to role/ as d00 | filter d00 = 1' +
        ' | display @timestamp, @ingestionTime, @log, @logStream, @message, d00' +
        ' | sort @timestamp asc | limit 10000',
      flags: { d00: 'granted' },
    },
  ]);
});

test('a text is parted down to one detection each, which leaves the limit to StartQuery', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const [fused] = fuse(...ids.map((id) => ({ ...granted, id, logTypes: ['Task'] })));
  const leaves = (query: typeof fused): (typeof fused)[] =>
    query?.parts === undefined ? [query] : query.parts.flatMap(leaves);
  const smallest = leaves(fused);
  expect(smallest.map((query) => Object.values(query?.flags ?? {}))).toEqual(ids.map((id) => [id]));
  for (const query of smallest) {
    expect(query).toMatchObject({ rowsMax: 100_000 });
    expect(query?.queryString).not.toContain('limit');
    const [column = ''] = Object.keys(query?.flags ?? {});
    expect(conditionsOf(query?.queryString ?? '').get(column)).toBeDefined();
  }
  const inner = (query: typeof fused): (typeof fused)[] =>
    query?.parts === undefined ? [] : [query, ...query.parts.flatMap(inner)];
  for (const query of inner(fused)) {
    const own = query?.parts?.flatMap(({ flags }) => Object.entries(flags)) ?? [];
    expect(Object.fromEntries(own)).toEqual(query?.flags);
    expect(query?.queryString).toMatch(/ \| limit 10000$/);
  }
});

test('a detection of some log types asks for them', () => {
  const [fused] = fuse({ ...granted, logTypes: ['Task', 'Worker'] });
  expect(fused?.queryString).toContain(
    'fields @message like /added to role/ and @log like /-(Task|Worker)$/ as d00 |',
  );
});

test('several filters of one detection all have to hold', () => {
  const query = 'filter @message like "a" or @message like "b" | filter @log not like "x"';
  const [fused] = fuse({ ...granted, query });
  expect(fused?.queryString).toContain(
    'fields (@message like "a" or @message like "b") and @log not like "x" as d00 |',
  );
});

test('what is no condition is left to the console', () => {
  const query = `fields @timestamp, @message | filter @message like /added to role/
    | parse @message /"(?<target>[^"]+)"/ | sort @timestamp desc | limit 5 | display target`;
  expect(fuse({ ...granted, query })).toEqual(fuse(granted));
});

test('every flag asks just what its detection asks, wherever the text was split', () => {
  const logTypes = fc.subarray(allLogTypes, { minLength: 1 });
  const detection = fc.record({
    // Long enough that two dozen of them do not fit into one text.
    query: fc
      .tuple(conditionText, fc.nat({ max: 900 }))
      .filter(([text]) => text.length < 3_000)
      .map(([text, padding]) => `filter (${text}) or @message like "${'x'.repeat(padding)}"`),
    logTypes,
  });
  fc.assert(
    fc.property(fc.array(detection, { minLength: 1, maxLength: 40 }), (drawn) => {
      const detections = drawn.map((fields, at) => ({ ...fields, id: `detection-${at}` }));
      const fused = fuse(...detections);
      const seen = fused.flatMap(({ queryString, flags }) => {
        expect(queryString.length).toBeLessThanOrEqual(maxQueryCharacters);
        const conditions = conditionsOf(queryString);
        expect([...conditions.keys()]).toEqual(Object.keys(flags));
        return Object.entries(flags).map(([column, id]) => [id, conditions.get(column)] as const);
      });
      expect(seen.map(([id]) => id)).toEqual(detections.map(({ id }) => id));
      for (const [at, [, condition]] of seen.entries()) {
        const own = detections[at];
        const text = own?.query.slice('filter '.length) ?? '';
        const types = own?.logTypes ?? [];
        const expected =
          types.length === allLogTypes.length
            ? text
            : `(${text}) and @log like /-(${types.join('|')})$/`;
        expect(withoutSpans(condition)).toEqual(withoutSpans(conditionOf(expected)));
      }
    }),
    { numRuns: 30 },
  );
});

test('columns have different names in all texts', () => {
  const long = { ...granted, query: `filter @message like "${'x'.repeat(6_000)}"` };
  const fused = fuse(long, long, granted, long);
  expect(fused.map(({ flags }) => Object.keys(flags))).toEqual([['d00'], ['d01', 'd02'], ['d03']]);
});

test('a filter that fills a text alone is refused, with its length', () => {
  const query = `filter @message like "${'x'.repeat(9_950)}"`;
  expect(() => fuse({ ...granted, query })).toThrow(
    /^granted: its filter alone .* 10103 characters/,
  );
});

test.each([
  ['stats count() by @log', 'stats in a detection'],
  ['filter @message like "a" | dedup @log', 'dedup in a detection'],
  ['filter level = "error"', 'the field level'],
  ['filter @message like "a" and strlen(@message) > 3', 'a function or a duration'],
  ['fields strlen(@message) as n | filter @message like "a"', 'an alias'],
  ['parse @message /(?<a>x)/ | filter @message like "a"', 'a filter after parse'],
  ['filter @message like "a" | parse @log /(?<a>x)/', 'a parse of another field'],
  ['filter @message like "a" | parse @message "* x" as a', 'parse-glob in a detection'],
  ['fields @message', 'the detection has no filter'],
  ['filter @message like "a" | parse @message /(?<x>(?:b?)*)/', 'rounds can be empty'],
])('%s cannot be fused: %s', (query, problem) => {
  expect(() => fuse({ ...granted, query })).toThrow(QueryError);
  expect(() => fuse({ ...granted, query })).toThrow(problem);
});

test('a refusal names line and position', () => {
  const query = 'fields @message\n| filter @message like "a"\n| stats count()';
  expect(() => fuse({ ...granted, query })).toThrow('line 3 and position 3');
});
