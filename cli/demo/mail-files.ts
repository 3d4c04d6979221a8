import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailResult } from '../../local/demo/result/demo-result.ts';
import { mailAsText } from '../common/mail-as-text.ts';

/** Findings by their severity, alarms by what happened. */
const fileName = /^\d{3,}-\d{6}-[a-z]+\.txt$/;

/**
 * Writes each mail to a file of its own, `mails/001-055300-critical.txt`: its time and subject as a mail program
 * shows them, an empty line, and its text, without SNS's footer about the subscription. The files of an earlier
 * run are removed.
 *
 * @param directory the demo's output directory, which exists
 */
export async function writeMails(directory: string, mails: readonly MailResult[]): Promise<void> {
  const folder = join(directory, 'mails');
  await mkdir(folder, { recursive: true });
  const old = (await readdir(folder)).filter((name) => fileName.test(name));
  await Promise.all(old.map((name) => rm(join(folder, name))));
  await Promise.all(
    mails.map((mail, index) => writeFile(join(folder, nameOf(mail, index + 1)), mailAsText(mail))),
  );
}

function nameOf({ atEpochMs, severity, kind }: MailResult, number: number): string {
  const time = new Date(atEpochMs).toISOString().slice(11, 19).replaceAll(':', '');
  return `${String(number).padStart(3, '0')}-${time}-${severity ?? kind}.txt`;
}
