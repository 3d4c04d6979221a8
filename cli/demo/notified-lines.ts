import { styleText } from 'node:util';
import type { FindingNotification } from '../../local/demo/run/finding-notifications.ts';
import { visibleTextUpTo } from '../../local/visible-text.ts';
import { severityLabel } from '../shared/finding-list.ts';

/** The notification of a finding: its severity and title, and the subject of the mail. */
export function notifiedLines({ atEpochMs, subject, published }: FindingNotification): string[] {
  const time = new Date(atEpochMs).toISOString().slice(11, 19);
  const mail = styleText('gray', `mail  ${visibleTextUpTo(subject, 100)}`, {
    stream: process.stdout,
  });
  return [
    `${time}  ${severityLabel(published.severity)}  ${visibleTextUpTo(titleOf(published), 160)}`,
    `${' '.repeat(20)}${mail}`,
  ];
}

function titleOf(published: FindingNotification['published']): string {
  switch (published.kind) {
    case 'digest':
      return `${published.count} more finding${published.count === 1 ? '' : 's'}, in a digest`;
    case 'minimal':
      return `findings ${published.findings.map(({ id }) => id).join(', ')}, by id only`;
    default: {
      const isWorse = published.kind === 'update' ? 'worse than before: ' : '';
      return `${published.late ? 'late: ' : published.laterLook ? 'found later: ' : ''}${isWorse}${published.title}`;
    }
  }
}
