import { z } from 'zod';
import type { AttributeValue } from '../../notification-recorder.ts';
import { AwsError } from '../protocol/aws-error.ts';

type Form = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const namePattern = /^(?!(?:aws|amazon)\.)(?!.*\.\.)(?!\.)[\w.-]{1,256}(?<!\.)$/i;
const arraySchema = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]));

/**
 * The message attributes of a Publish form, in which attribute N is
 * `MessageAttributes.entry.N.Name`, `….Value.DataType` and `….Value.StringValue`.
 *
 * @throws AwsError for attributes that SNS rejects, for types other than String, Number and
 *   String.Array, and for arrays that no filter policy could match
 */
export function messageAttributes(form: Form): Record<string, AttributeValue> {
  return Object.fromEntries(
    entriesOf(form).map(({ name, dataType, value }) => {
      if (!namePattern.test(name)) throw invalid(name, 'is not a name that SNS allows');
      if (typeof value !== 'string' || value === '') throw invalid(name, 'has no StringValue');
      if (dataType === 'String' || dataType === 'Number') return [name, value];
      if (dataType === 'String.Array') return [name, readArray(name, value)];
      throw invalid(name, `has the type ${dataType}, which is not supported here`);
    }),
  );
}

/** The attributes' part of the message size: names, types and values all count. */
export function attributeBytes(form: Form): number {
  return entriesOf(form)
    .flatMap(({ name, dataType, value }) => [name, dataType, value])
    .reduce<number>((total, text) => total + Buffer.byteLength(String(text ?? '')), 0);
}

function entriesOf(form: Form) {
  return Object.entries(form).flatMap(([key, name]) => {
    const entry = /^(MessageAttributes\.entry\.\d+)\.Name$/.exec(key)?.[1];
    if (entry === undefined) return [];
    const dataType = form[`${entry}.Value.DataType`];
    return [{ name: String(name), dataType, value: form[`${entry}.Value.StringValue`] }];
  });
}

function readArray(name: string, value: string): AttributeValue {
  let array: unknown;
  try {
    array = JSON.parse(value);
  } catch (cause) {
    throw invalid(name, 'is not a JSON array', cause);
  }
  const { success, data } = arraySchema.safeParse(array);
  if (!success) throw invalid(name, 'is not a JSON array of strings, numbers, booleans and nulls');
  return data;
}

function invalid(name: string, problem: string, cause?: unknown): AwsError {
  return new AwsError('InvalidParameter', `the message attribute ${name} ${problem}`, { cause });
}
