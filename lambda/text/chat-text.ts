import { escaped } from './show-text.ts';

/** Characters that format text in Slack or Teams, and those that look like them and do not. */
const lookAlikes: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '*': '∗',
  '~': '∼',
  '`': "'",
  '[': '［',
  ']': '］',
  '&': '＆',
  '\\': '＼',
  '|': '∣',
};

/**
 * Text from a log, for chat: no character of it formats, mentions anybody, links or becomes an emoji, in
 * Slack's markdown or that of Teams. Neither has an escape that the other one knows, so characters that
 * would are replaced by ones that look like them: whoever needs the exact text copies it from the mail.
 *
 * Names like `grant_admin` and `alice@example.com` stay as they are. A second call changes nothing.
 */
export function chatText(text: string): string {
  // A character that was replaced no longer hides a link from `escaped`, which then writes brackets.
  return withoutFormat(escaped(withoutFormat(escaped(text))));
}

function withoutFormat(text: string): string {
  return (
    text
      .replace(/[<>*~`[\]&\\|]/g, (character) => lookAlikes[character] ?? character)
      .replace(/(?<![\p{L}\p{N}.+-])@|@(?![\p{L}\p{N}])/gu, '＠')
      .replace(/(?<![\p{L}\p{N}_])_+|_+(?![\p{L}\p{N}_])/gu, (run) => '＿'.repeat(run.length))
      // The name of an emoji has a letter, but for these: the parts of a time have none.
      .replace(/:(?=[\p{N}_+'-]*\p{L}[\p{L}\p{N}_+'-]*:|[+-]1:|100:|1234:)/gu, '∶')
      .replace(/^([^\S\n\r\u2028\u2029]*)#/gm, '$1＃')
  );
}
