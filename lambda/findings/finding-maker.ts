import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { PackEvent } from '../pack-rows.ts';
import type { Change } from './correlation-state.ts';
import type { Finding } from './finding.ts';
import type { ObservedEvent } from './signal.ts';

/** A message to the findings topic. */
export type Notification = Omit<PublishCommandInput, 'TopicArn'>;

/** How one environment's events become findings, and findings become messages: all of it pure. */
export interface FindingMaker {
  /** What an event says, redacted; without a signal it says nothing. */
  observe(event: PackEvent): ObservedEvent;
  /**
   * A change as it is published.
   *
   * @param late found by a sweep, after its time had been scanned
   */
  present(change: Change, detectedAtEpochMs: number, late?: boolean): Finding;
  /** Whether a change was approved beforehand. */
  isApproved(change: Change): boolean;
  /** @param update whether people were told already, when it was milder */
  notification(finding: Finding, update: boolean): Notification;
  /** One message for many findings. */
  digest(findings: readonly Finding[]): Notification;
  /** What is left to say of findings whose message SNS refused. */
  minimal(findings: readonly Finding[]): Notification;
}
