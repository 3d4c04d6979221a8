import * as z from 'zod/mini';
import { programSchema } from './read-program.ts';

const fields = ['message', 'log', 'logStream'] as const;

/** A field of an event that a condition can ask: `@message`, `@log` as it is in a row, `@logStream`. */
export type ConditionField = (typeof fields)[number];

/**
 * What a detection's filter says of an event, as plain data: made at synth from the query's tree, so
 * that the Lambda holds no query parser.
 */
export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  | FieldTest;

/** One test of one field's text. */
export type FieldTest = { readonly field: ConditionField } & (
  | {
      /** A regexp in RE2's syntax with everything written out, which has to find something. */
      readonly like: string;
      /** What {@link like} compiles to, made at synth: the Lambda holds no parser of regexps either. */
      readonly program: string;
      /**
       * What it finds contains one of these, case-sensitive: to look for them costs least.
       * @default it asks for no string in particular
       */
      readonly anchors?: readonly string[] | undefined;
    }
  | { readonly contains: string }
  | { readonly equals: string }
  /** In the order of code points. */
  | { readonly below: string }
  | { readonly above: string }
);

const field = z.enum(fields);
const anyText = z.string();

export const conditionSchema: z.ZodMiniType<Condition> = z.union([
  z.strictObject({
    get and() {
      return z.array(conditionSchema);
    },
  }),
  z.strictObject({
    get or() {
      return z.array(conditionSchema);
    },
  }),
  z.strictObject({
    get not() {
      return conditionSchema;
    },
  }),
  z.strictObject({
    ...{ field, like: anyText, program: programSchema },
    anchors: z.optional(z.array(anyText)),
  }),
  z.strictObject({ field, contains: anyText }),
  z.strictObject({ field, equals: anyText }),
  z.strictObject({ field, below: anyText }),
  z.strictObject({ field, above: anyText }),
]);
