import { readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import {
  closestOption,
  fieldName,
  schemaIssues,
  valueAt,
} from '../../lambda/common/parse-input.ts';

/** Invalid input from a file. `message` is complete: place, field, rule and value. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

export interface CheckedYaml<T> {
  readonly value: T;
  /** The 1-based line of a field (`['tests', 'matches', 0]`), or of its nearest ancestor. */
  lineOf(path: readonly PropertyKey[]): number;
  /** The 1-based line on which the text of a string field starts, including block scalars. */
  textLineOf(path: readonly PropertyKey[]): number;
}

/**
 * Reads a YAML file and checks it against a schema.
 *
 * @throws InputError with one line per error: `file:line: field: rule, got value`.
 */
export function readCheckedYaml<S extends z.ZodType>(
  path: string,
  shownPath: string,
  schema: S,
): CheckedYaml<z.output<S>> {
  return checkYaml(readInputText(path, shownPath), shownPath, schema);
}

/** Like {@link readCheckedYaml}, for a file whose text was read before. */
export function checkYaml<S extends z.ZodType>(
  text: string,
  shownPath: string,
  schema: S,
): CheckedYaml<z.output<S>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const { line, col } = lines.linePos(syntaxError.pos[0]);
    const [rule] = syntaxError.message.split(/ at line |\n/);
    throw new InputError(`${shownPath}:${line}:${col}: not valid YAML: ${rule}`);
  }

  const lineAt = (offset: number) => lines.linePos(offset).line;
  const lineOf = (fieldPath: readonly PropertyKey[]): number => {
    for (let depth = fieldPath.length; depth > 0; depth--) {
      const parent = document.getIn(fieldPath.slice(0, depth - 1), true);
      const last = fieldPath[depth - 1];
      const key =
        isMap(parent) && parent.items.find(({ key }) => isScalar(key) && key.value === last);
      const node = key ? key.key : document.getIn(fieldPath.slice(0, depth), true);
      if (isNode(node) && node.range) return lineAt(node.range[0]);
    }
    return 1;
  };
  const textLineOf = (fieldPath: readonly PropertyKey[]): number => {
    const node = document.getIn(fieldPath, true);
    if (!isScalar(node) || !node.range) return lineOf(fieldPath);
    const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
    return lineAt(node.range[0]) + (isBlock ? 1 : 0);
  };

  const input = plainValue(document, shownPath);
  const value = checkInput(schema, input, (fieldPath) => {
    return `${shownPath}:${lineOf(fieldPath)}: ${fieldName(fieldPath) || 'the file'}`;
  });
  return { value, lineOf, textLineOf };
}

/** Aliases may be more than the reader follows, or name no anchor. */
function plainValue(document: ReturnType<typeof parseDocument>, shownPath: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(`${shownPath}: not valid YAML: ${reason}`, { cause: error });
  }
}

/**
 * Checks plain data against a schema.
 *
 * @param placeOf names a field and its place, for the beginning of the error.
 * @throws InputError with one line per error.
 */
export function checkInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
  placeOf: (path: readonly PropertyKey[]) => string,
): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(closestOption).flatMap((issue): string[] => {
    if (issue.code === 'unrecognized_keys') {
      const known = knownFields(schema, issue.path).join(', ');
      return issue.keys.map((key) => {
        const path = [...issue.path, key];
        return `${placeOf(path)}: unknown field; the fields here are ${known}`;
      });
    }
    return schemaIssues(new z.ZodError([issue]), input).map(({ path, rule, got }) => {
      if (got === 'nothing') return `${placeOf(path)}: is required`;
      const isWhole = path.length === 0 && issue.code === 'invalid_type';
      return `${placeOf(path)}: ${isWhole ? 'must be a mapping of fields' : rule}, got ${got}`;
    });
  });
  throw new InputError(problems.join('\n'));
}

/** @throws InputError when the file cannot be read. */
export function readInputText(path: string, shownPath: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = valueAt(error, ['code']);
    const reason = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new InputError(`${shownPath}: ${reason}`, { cause: error });
  }
}

function knownFields(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const root: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const at = path.reduce<unknown>(
    (node, part) =>
      typeof part === 'number' ? valueAt(node, ['items']) : valueAt(node, ['properties', part]),
    root,
  );
  return Object.keys(valueAt(at, ['properties']) ?? {});
}
