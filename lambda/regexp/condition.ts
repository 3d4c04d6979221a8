import * as z from 'zod/mini';
import { programSchema } from './read-program.ts';

const fields = ['message', 'log', 'logStream'] as const;

/**
 * A field of an event that a condition can test: `@message`, `@log` as it is in a row,
 * `@logStream`.
 */
export type ConditionField = (typeof fields)[number];

/**
 * A detection's filter as plain data, made at synth from the query's tree, so that the Lambda needs
 * no query parser.
 */
export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  | FieldTest;

/** One test of one field's text. */
export type FieldTest = { readonly field: ConditionField } & (
  | {
      /**
       * A regexp in RE2's syntax that must match somewhere; case, dots and lines are written out.
       */
      readonly like: string;
      /** What {@link like} compiles to, made at synth: the Lambda has no regexp parser either. */
      readonly program: string;
      /**
       * Every match contains one of these, case-sensitive. They are searched for first, since that
       * is cheap.
       * @default no string is in every match
       */
      readonly anchors?: readonly string[] | undefined;
    }
  | { readonly contains: string }
  | { readonly equals: string }
  /** Compared by code points. */
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
