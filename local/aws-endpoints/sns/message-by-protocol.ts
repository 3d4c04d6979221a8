import { z } from 'zod';
import { AwsError } from '../aws-error.ts';

const messageSchema = z.looseObject({ default: z.string() });

/**
 * Reads a message that holds a text for each protocol (MessageStructure `json`): an object whose
 * `default` is for every protocol that it does not name. Values that are no text are ignored, as SNS
 * documents.
 *
 * @throws AwsError in SNS's words
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
