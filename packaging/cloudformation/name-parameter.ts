type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * Replaces a text everywhere in a template by a parameter: each string that contains it becomes an
 * `Fn::Sub`.
 *
 * CloudFormation takes functions in properties and in values of outputs only.
 *
 * @throws Error where the text is in a place that cannot have a function
 */
export function withParameter(template: object, text: string, parameter: string): object {
  const replaced = Object.entries(template).map(([section, value]) => [
    section,
    section === 'Resources' || section === 'Outputs'
      ? Object.fromEntries(
          Object.entries(value as Record<string, Record<string, Json>>).map(([id, parts]) => [
            id,
            withFunctions(parts, { text, parameter }),
          ]),
        )
      : value,
  ]);
  const result: object = Object.fromEntries(replaced);
  const at = JSON.stringify(result).indexOf(text);
  if (at >= 0) {
    throw new Error(
      `cannot be a parameter: …${JSON.stringify(result).slice(Math.max(0, at - 100), at)}…`,
    );
  }
  return result;
}

interface Replacement {
  readonly text: string;
  readonly parameter: string;
}

/** The parts of a resource or an output; in its other parts, such as a description, nothing is replaced. */
function withFunctions(parts: Readonly<Record<string, Json>>, replacement: Replacement): object {
  return Object.fromEntries(
    Object.entries(parts).map(([name, value]) => [
      name,
      name === 'Properties' || name === 'Value' ? substituted(value, replacement) : value,
    ]),
  );
}

function substituted(value: Json, replacement: Replacement): Json {
  const { text, parameter } = replacement;
  if (typeof value === 'string') {
    if (!value.includes(text)) return value;
    return { 'Fn::Sub': value.replaceAll('${', '${!').replaceAll(text, `\${${parameter}}`) };
  }
  if (Array.isArray(value)) return value.map((item: Json) => substituted(item, replacement));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      // It is a substitution already, in which the text stands for itself.
      key === 'Fn::Sub' && typeof item === 'string'
        ? item.replaceAll(text, `\${${parameter}}`)
        : substituted(item, replacement),
    ]),
  );
}
