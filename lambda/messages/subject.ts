import { shortEnvironment, subjectCharactersMax } from '../findings/headline.ts';
import { runbookLink } from '../findings/links.ts';
import type { AirflowWeb } from '../model/coverage.ts';
import type { Finding } from '../model/finding.ts';
import { asciiText } from '../text/ascii-text.ts';

/** Turns a text into a mail's subject: ASCII, with no links; a long text is cut with `...`. */
export function subjectOf(text: string): string {
  const ascii = asciiText(text);
  if (ascii.length <= subjectCharactersMax) return ascii;
  return `${ascii.slice(0, subjectCharactersMax - 3)}...`;
}

/**
 * The subject of a mail about one finding: its title if there is room, or else its headline, which says who was
 * given what in fewer words. Nothing is cut within either, except in a finding of an earlier version, which has
 * no headline.
 */
export function findingSubject(finding: Finding, isUpdate: boolean): string {
  const { severity, environment, title, headline = title } = finding;
  const start = `[${severity.toUpperCase()}]${isUpdate ? ' UPDATE' : ''}`;
  const short = shortEnvironment(environment);
  const all = [`${environment}: ${title}`, `${short}: ${title}`, `${environment}: ${headline}`];
  const texts = [...all, `${short}: ${headline}`].map((text) => asciiText(`${start} ${text}`));
  return subjectOf(
    texts.find(({ length }) => length <= subjectCharactersMax) ?? texts.at(-1) ?? '',
  );
}

/** The monitor that sends a message, as every mail and every JSON names it. */
export interface Sender {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** The AWS account, 12 digits. */
  readonly account: string;
  readonly region: string;
  /** Airflow's web interface and version. @default - unknown */
  readonly airflow?: Partial<AirflowWeb> | undefined;
  /** The address of the folder of runbooks. @default - messages name a file of this project */
  readonly runbookBaseUrl?: string | undefined;
}

/** A runbook as a mail names it: its address, or where that is not known its file. */
export function shownRunbook({ runbookBaseUrl }: Sender, runbook: string): string {
  return runbookLink(runbookBaseUrl, runbook) ?? runbook;
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
