import { withoutLinks } from '../text/link-text.ts';

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
