/**
 * SNS accepts 262,144 bytes in one publish, attributes included; some are reserved for what the
 * service and the SDK add.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export const messageBytesMax = 250_000;

export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
