import { readRegexp } from '../../../query-language/regexp/parse-regexp.ts';
import {
  canBeEmpty,
  hasGroup,
  type RegexpNode,
} from '../../../query-language/regexp/regexp-tree.ts';
import { toRe2 } from '../../../query-language/regexp/write-regexp.ts';
import type {
  Name,
  ParseGlobCommand,
  ParseRegexCommand,
} from '../../../query-language/syntax/ast.ts';
import { guarded } from '../sql/patterns.ts';
import { asText, type Naming, sqlString, text } from '../sql/values.ts';
import { compileExpression } from './expressions.ts';
import type { QueryState } from './query-state.ts';

/**
 * SQL for the text that a regexp's groups captured: NULL when the regexp does not match, and for a
 * group that did not take part in the match.
 *
 * RE2 returns an empty string for such a group. If the group cannot match an empty string, that is
 * sufficient; if it can, the optional part around it is captured, too, as a witness.
 *
 * @param numbers group numbers in the source, from 1.
 * @returns for each number the SQL of its text.
 */
function extractGroups(
  subject: string,
  root: RegexpNode,
  numbers: readonly number[],
  name: Naming,
): readonly string[] {
  const witnessed = addWitnesses(root);
  const labels = Array.from({ length: witnessed.count }, (_, at) => `'g${at + 1}'`);
  const re2 = sqlString(toRe2({ root: witnessed.root, groups: [] }));
  const extraction = `regexp_extract(${subject}, ${re2}, [${labels.join(', ')}])`;
  const found = canBeEmpty(root)
    ? `CASE WHEN regexp_matches(${subject}, ${re2}) THEN ${extraction} END`
    : extraction;
  const groups = name(guarded(subject, root, found, 'NULL'));
  const isFound = canBeEmpty(root) ? `${groups} IS NOT NULL` : `${groups}.g1 <> ''`;
  return numbers.map((number) => {
    const place = witnessed.places.get(number);
    if (place === undefined) throw new RangeError(`the regexp has no group ${number}`);
    const took = place.witness === undefined ? '' : ` AND ${groups}.g${place.witness} <> ''`;
    return `CASE WHEN ${isFound}${took} THEN ${groups}.g${place.at} END`;
  });
}

interface Place {
  /** The number of the group in the rewritten regexp. */
  readonly at: number;
  /** The group that is empty when this one took no part; undefined if it always takes part. */
  readonly witness: number | undefined;
}

/** The regexp with a group around all of it (number 1) and a group around each optional part. */
function addWitnesses(root: RegexpNode) {
  const places = new Map<number, Place>();
  let count = 0;
  let sourceNumber = 0;

  /** @param witness the group of the innermost optional part around the node. */
  function visit(node: RegexpNode, witness: number | undefined): RegexpNode {
    switch (node.kind) {
      case 'group': {
        count += 1;
        sourceNumber += 1;
        const at = count;
        places.set(sourceNumber, { at, witness: canBeEmpty(node.body) ? witness : at });
        return { ...node, body: visit(node.body, witness) };
      }
      case 'sequence':
        return { ...node, items: node.items.map((item) => visit(item, witness)) };
      case 'alternation':
        return { ...node, options: node.options.map((option) => optional(option)) };
      case 'repeat':
        return { ...node, body: node.min === 0 ? optional(node.body) : visit(node.body, witness) };
      default:
        return node;
    }
  }

  function optional(node: RegexpNode): RegexpNode {
    if (!hasGroup(node)) return node;
    count += 1;
    return { kind: 'group', body: visit(node, count) };
  }

  count += 1;
  const body = visit(root, undefined);
  return { root: { kind: 'group', body } satisfies RegexpNode, count, places };
}

/**
 * The pattern of a glob as a regexp, with one group for each `*`: it matches as little as possible
 * up to the next text, or to the end when it is last. A `*` can span lines.
 *
 * AWS documents neither; this follows its examples.
 */
function globTree(pattern: string): RegexpNode {
  const pieces = pattern.split('*');
  const items = pieces.flatMap((piece, at): readonly RegexpNode[] => {
    const literals = [...piece].map(
      (character): RegexpNode => ({ kind: 'literal', codePoint: character.codePointAt(0) ?? 0 }),
    );
    if (at === 0) return literals;
    const lazy = at < pieces.length - 1 || piece !== '';
    return [
      { kind: 'group', body: { kind: 'repeat', body: anything, min: 0, max: unlimited, lazy } },
      ...literals,
    ];
  });
  // A pattern without a star captures an empty string where its text is present.
  return pieces.length === 1
    ? {
        kind: 'sequence',
        items: [...items, { kind: 'group', body: { kind: 'sequence', items: [] } }],
      }
    : { kind: 'sequence', items };
}

const unlimited = Number.POSITIVE_INFINITY;
const anything: RegexpNode = { kind: 'class', negated: true, ranges: [], properties: [] };

/** `parse … "a * b" as x`: an event that does not match stays, without the fields. */
export function applyParseGlob(command: ParseGlobCommand, state: QueryState): void {
  const numbers = command.names.map((_, at) => at + 1);
  extract(command, command.names, globTree(command.pattern.value), numbers, state);
}

/** `parse … /(?<x>…)/`: likewise; a group that took no part in the match is missing too. */
export function applyParseRegex(command: ParseRegexCommand, state: QueryState): void {
  const { root } = readRegexp(command.pattern, state.context.text);
  extract(command, command.names, root, command.groups, state);
}

function extract(
  { subject }: ParseGlobCommand | ParseRegexCommand,
  names: readonly Name[],
  root: RegexpNode,
  numbers: readonly number[],
  { context, shown }: QueryState,
): void {
  const { pipeline, scope } = context;
  const source = pipeline.name(asText(compileExpression(subject, context), pipeline.name));
  const groups = extractGroups(source, root, numbers, pipeline.name);
  names.forEach((name, at) => {
    const value = text(pipeline.name(`${groups[at]}`));
    scope.define(name, value, 'parse');
    shown.set(name.name, value);
  });
}
