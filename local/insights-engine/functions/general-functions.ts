import {
  asBoolean,
  boolean,
  commonType,
  convert,
  json,
  number,
  text,
  type Value,
} from '../sql/values.ts';
import type { CallArguments } from './call-arguments.ts';
import { scalar } from './scalar-function.ts';

const unlimited = Number.POSITIVE_INFINITY;
const maxBranches = 10;

/** AWS: "General functions" and "JSON functions". */
export const generalFunctions = [
  scalar('ispresent', [1, 1], (args) => boolean(`(${args.value(0).sql} IS NOT NULL)`)),
  scalar('coalesce', [1, unlimited], (args) => {
    const values = args.values();
    return choose(args, values, (branches) => `coalesce(${branches.join(', ')})`);
  }),
  scalar('if', [3, 3], (args) => {
    const condition = args.boolean(0);
    return choose(
      args,
      args.values(1),
      ([yes, no]) => `CASE WHEN ${condition} THEN ${yes} ELSE ${no} END`,
    );
  }),
  scalar('case', [2, 2 * maxBranches + 1], (args) => {
    const values = args.values();
    const results = values.filter((_, at) => at % 2 === 1 || at === values.length - 1);
    const conditions = values.filter((_, at) => at % 2 === 0 && at < values.length - 1);
    return choose(args, results, (branches) => {
      const { name } = args.context.pipeline;
      const cases = conditions.map(
        (value, at) => `WHEN ${asBoolean(value, name)} THEN ${branches[at]}`,
      );
      const otherwise = branches.length > conditions.length ? ` ELSE ${branches.at(-1)}` : '';
      return `CASE ${cases.join(' ')}${otherwise} END`;
    });
  }),
  scalar('isNumeric', [1, 1], (args) => boolean(`(${args.number(0)} IS NOT NULL)`)),
  scalar('messageSize', [1, 1], (args) => number(`CAST(strlen(${args.text(0)}) AS DOUBLE)`)),
  scalar('jsonParse', [1, 1], (args) => json(args.structure(0))),
  scalar('jsonStringify', [1, 1], (args) => text(args.structure(0))),
  scalar('jsonArraySize', [1, 1], (args) => number(`CAST(len(${elements(args)}) AS DOUBLE)`)),
  scalar('jsonArrayContains', [2, 2], (args) => {
    // Elements are compared as JSON text: a string, or a number or true as written.
    const wanted = args.named(args.text(1));
    const spellings = `[CAST(to_json(${wanted}) AS VARCHAR), ${wanted}]`;
    return boolean(`coalesce(list_has_any(${elements(args)}, ${spellings}), false)`);
  }),
];

/** The JSON texts of a list's elements; NULL for anything else. */
function elements(args: CallArguments): string {
  const value = args.value(0);
  const source = args.named(value.type === 'list' ? value.sql : args.structure(0));
  return `CASE WHEN left(${source}, 1) = '[' THEN CAST(json_extract(${source}, '$[*]') AS VARCHAR[]) END`;
}

function choose(
  args: CallArguments,
  values: readonly Value[],
  build: (branches: readonly string[]) => string,
): Value {
  const type = commonType(values);
  return {
    type,
    sql: build(values.map((value) => convert(value, type, args.context.pipeline.name))),
  };
}
