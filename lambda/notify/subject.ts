import { withoutLinks } from '../text/show-text.ts';

/** SNS accepts subjects of fewer than 100 printable ASCII characters. */
const subjectCharactersMax = 99;

const replacements: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  Ø: 'O',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ı: 'i',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '…': '...',
};

/**
 * Turns a text into a mail's subject: letters lose their accents, a character without an ASCII
 * equivalent becomes `?`, and a long text is cut with `...`. Wide letters become plain ones first, so
 * that links are found in what is shown.
 */
export function subjectOf(text: string): string {
  const plain = [...text.normalize('NFKD').replace(/\p{M}/gu, '')]
    .map((character) => replacements[character] ?? character)
    .join('')
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim();
  const ascii = withoutLinks(plain);
  if (ascii.length <= subjectCharactersMax) return ascii;
  return `${ascii.slice(0, subjectCharactersMax - 3)}...`;
}

/** The monitor that sends a message, as every mail and every JSON names it. */
export interface Sender {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** The AWS account, 12 digits. */
  readonly account: string;
  readonly region: string;
}

/**
 * The monitor that owns a findings topic. The topic is in the monitor's own stack, and so in the
 * account and Region of everything that the monitor watches.
 *
 * @param topicArn from the runtime configuration: `arn:aws:sns:eu-west-1:123456789012:findings`
 */
export function senderOf(environment: string, topicArn: string): Sender {
  const [, , , region = '', account = ''] = topicArn.split(':');
  return { environment, account, region };
}

/** `account 123456789012, Region eu-west-1` */
export function placeText({ account, region }: Pick<Sender, 'account' | 'region'>): string {
  return `account ${account}, Region ${region}`;
}

/**
 * SNS accepts 262,144 bytes in one publish, attributes included; some are reserved for what the
 * service and the SDK add.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export const messageBytesMax = 250_000;

export function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
