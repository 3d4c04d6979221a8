import type { Finding } from '../model/finding.ts';
import type { Notification } from './notification.ts';

/**
 * A message to the findings topic, with the findings that its mail and its JSON name. Only these may
 * be recorded as sent.
 */
export interface Message {
  readonly notification: Notification;
  readonly named: readonly Finding[];
}
