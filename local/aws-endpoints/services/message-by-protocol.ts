import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';

const messageSchema = z.looseObject({ default: z.string() });

/**
 * Reads a message with a text per protocol (MessageStructure `json`): an object whose `default`
 * applies to every protocol that it does not name. Values other than strings are ignored, as SNS
 * documents.
 *
 * @throws AwsError with SNS's own message
 */
export function messageByProtocol(message: string): Readonly<Record<string, string>> {
  const { success, data } = messageSchema.safeParse(parse(message));
  if (!success) throw invalid('No default entry in JSON message body');
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch (cause) {
    throw invalid('JSON message body failed to parse', cause);
  }
}

function invalid(problem: string, cause?: unknown): AwsError {
  const text = `Invalid parameter: Message Structure - ${problem}`;
  return new AwsError('InvalidParameter', text, { cause });
}
