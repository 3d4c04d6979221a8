/** A mail as people receive it, without what SNS adds about the subscription. */
export function mailAsText({
  atEpochMs,
  subject,
  text,
}: {
  /** When it was sent. @default - it was not, and the text has no date */
  readonly atEpochMs?: number;
  readonly subject: string;
  readonly text: string;
}): string {
  const date = atEpochMs === undefined ? '' : `Date:    ${new Date(atEpochMs).toISOString()}\n`;
  return `${date}Subject: ${subject}\n\n${text}`;
}
