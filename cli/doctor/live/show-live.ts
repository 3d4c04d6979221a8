import { styleText } from 'node:util';
import { visibleText } from '../../../local/visible-text.ts';
import { countOf } from '../../common/output.ts';
import { askLive } from './live-answers.ts';
import { judgeLive, type LiveCheck, type LiveResult } from './live-checks.ts';

interface ShowLiveOptions {
  readonly env: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly json?: boolean | undefined;
}

const colours = {
  confirmed: 'green',
  refuted: 'red',
  unknown: 'magenta',
} as const satisfies Record<LiveResult, string>;

/** Asks a real environment and prints what it confirms. @returns the exit code, as of the other checks */
export async function showLive(options: ShowLiveOptions): Promise<0 | 1 | 2> {
  const answers = await askLive(options);
  const checks = judgeLive(answers);
  const { mwaaEnvironment: environment, region, airflowVersion } = answers;
  if (options.json) {
    console.log(
      JSON.stringify({ schema: 1, environment, region, airflowVersion, checks }, null, 2),
    );
  } else {
    console.log(checks.map(linesOf).join('\n\n'));
    const counted = (['confirmed', 'refuted', 'unknown'] as const)
      .map((result) => [result, checks.filter((check) => check.result === result).length] as const)
      .filter(([, count]) => count > 0)
      .map(([result, count]) => paint(result, `${count} ${result}`));
    console.log(
      `\n${environment} in ${region}, Airflow ${visibleText(airflowVersion)}: ${countOf(checks.length, 'assumption')}: ${counted.join(', ')}`,
    );
  }
  if (checks.some(({ result }) => result === 'refuted')) return 1;
  return checks.some(({ result }) => result === 'unknown') ? 2 : 0;
}

function linesOf({ id, assumption, result, because, forms }: LiveCheck): string {
  return [
    `${paint(result, result)} ${styleText('bold', id, { stream: process.stdout })}`,
    `  Assumed: ${assumption}.`,
    `  Because: ${visibleText(because)}.`,
    ...forms.map((form) => `  Form: ${visibleText(form)}`),
  ].join('\n');
}

function paint(result: LiveResult, text: string): string {
  return styleText(colours[result], text, { stream: process.stdout });
}
