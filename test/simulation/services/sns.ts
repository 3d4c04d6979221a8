import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { Severity } from '../../../lambda/findings/finding.ts';

/** What one message tells of one finding. */
export interface ToldFinding {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly detections: readonly string[];
  readonly evidence: readonly {
    readonly logGroup: string;
    readonly logStream: string;
    readonly timestamp: string;
    readonly message: string;
  }[];
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** A message that went out. */
export interface SentMessage {
  readonly kind: 'finding' | 'update' | 'digest' | 'minimal';
  readonly findings: readonly Partial<ToldFinding>[];
}

/** Reads the JSON for machines of a message to the findings topic. */
export function readMessage({ Message = '' }: PublishCommandInput): SentMessage {
  const body = JSON.parse(JSON.parse(Message).default);
  const { kind } = body;
  return { kind, findings: kind === 'digest' || kind === 'minimal' ? body.findings : [body] };
}
