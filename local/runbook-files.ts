/** The folder of runbooks on this machine, as an address: in a checkout, and in the package of the command line. */
export const runbookFilesUrl = new URL('../docs/runbooks', import.meta.url).href;

/**
 * A mail that names the files of runbooks, since no address of them is known, with the addresses of these files on
 * this machine: what is read where the files are can link to them.
 */
export function withRunbookFiles(mail: string): string {
  return mail.replace(
    /^( *(?:Runbook|Runbook on uploads): +)docs\/runbooks\/([\w-]+\.md)\b/gm,
    (_, start: string, file: string) => `${start}${runbookFilesUrl}/${file}`,
  );
}
