/**
 * What SNS takes in one publish, attributes included, is 262,144 bytes; some are kept back for what
 * the service and the SDK put around.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export const messageBytesMax = 250_000;

export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
