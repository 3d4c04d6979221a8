import * as z from 'zod/mini';
import { type Condition, conditionFields, ProgramError, readProgram } from './regexp-program.ts';

/** A program as the scan plan carries it. */
export const programSchema = z.string().check((payload) => {
  try {
    readProgram(payload.value);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    payload.issues.push({
      code: 'custom',
      message: `must be the program of a regexp, but ${error.message}`,
      input: payload.value,
      continue: true,
    });
  }
});

const field = z.enum(conditionFields);
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
