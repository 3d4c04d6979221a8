import { styleText } from 'node:util';
import type { FindingNotification } from '../local/demo/finding-notifications.ts';
import { visibleTextUpTo } from '../local/visible-text.ts';
import { severityLabel } from './finding-list.ts';

/** What people are told of a finding, and the subject of the mail that tells them. */
export function notifiedLines({ atEpochMs, subject, published }: FindingNotification): string[] {
  const time = new Date(atEpochMs).toISOString().slice(11, 19);
  const title =
    published.kind === 'digest'
      ? `${published.count} more findings, in one digest`
      : `${published.kind === 'update' ? 'worse than before: ' : ''}${published.title}`;
  const mail = styleText('gray', `mail  ${visibleTextUpTo(subject, 100)}`, {
    stream: process.stdout,
  });
  return [
    `${time}  ${severityLabel(published.severity)}  ${visibleTextUpTo(title, 160)}`,
    `${' '.repeat(20)}${mail}`,
  ];
}
