import { json, sqlString, type Value } from './values.ts';

/**
 * The JSON fields that a query uses. All are extracted from the message in one pass, as the list
 * `fields` of the first stage.
 *
 * AWS discovers at most 200 fields of an event and flattens maps and lists: an object itself is not
 * a field there. Here it is a field and appears as JSON; how AWS shows it is not documented.
 */
export class DiscoveredFields {
  readonly #pointers = new Map<string, number>();

  /** The value of a dotted name: `a.b` is b in a, or a key named `a.b`. */
  field(path: readonly string[]): Value {
    const readings = readingsOf(path).map((reading) => {
      const pointer = jsonPointer(reading);
      const at = this.#pointers.get(pointer) ?? this.#pointers.size + 1;
      this.#pointers.set(pointer, at);
      return `fields[${at}]`;
    });
    return json(readings.length === 1 ? `${readings[0]}` : `coalesce(${readings.join(', ')})`);
  }

  /** SQL of the list for a message, or undefined when the query uses no such field. */
  get sql(): string | undefined {
    if (this.#pointers.size === 0) return undefined;
    const pointers = [...this.#pointers.keys()].map(sqlString).join(', ');
    const extracted = `CAST(json_extract(msg, [${pointers}]) AS VARCHAR[])`;
    const present = `list_transform(${extracted}, lambda field: nullif(field, 'null'))`;
    // json_extract fails the whole query on a message that is not JSON.
    return `CASE WHEN json_valid(msg) THEN ${present} END`;
  }
}

/** SQL for a part of a JSON value, which must be valid or NULL. */
export function jsonMember(sql: string, path: readonly string[]): string {
  return `nullif(CAST(json_extract(${sql}, ${sqlString(jsonPointer(path))}) AS VARCHAR), 'null')`;
}

function jsonPointer(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A dotted name of n parts has 2^(n-1) readings; for long names only the likely ones are tried. */
const maxPartsReadEveryWay = 4;

function readingsOf(path: readonly string[]): readonly (readonly string[])[] {
  const parts = path.join('.').split('.');
  const readings = [path, parts];
  if (parts.length <= maxPartsReadEveryWay) readings.push(...everyReading(parts));
  else readings.push([parts.join('.')]);
  const distinct = new Map(readings.map((reading) => [jsonPointer(reading), reading]));
  return [...distinct.values()];
}

function everyReading(parts: readonly string[]): readonly (readonly string[])[] {
  const [first, ...rest] = parts;
  if (first === undefined || rest.length === 0) return [parts];
  return everyReading(rest).flatMap((reading) => {
    const [head = '', ...tail] = reading;
    return [
      [first, ...reading],
      [`${first}.${head}`, ...tail],
    ];
  });
}
