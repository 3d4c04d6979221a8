import { withoutLinks } from '../findings/link-text.ts';

/** SNS takes subjects of fewer than 100 printable ASCII characters. */
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
 * A text as the subject of a mail: letters without their accents, `?` for each character that ASCII
 * has nothing for, cut with `...`. Wide letters become plain ones, so links are looked for after that.
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
