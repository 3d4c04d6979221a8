import { type Judgement, unanswered, unknown } from '../shapes/judgement.ts';
import type { MwaaEnvironment } from '../shapes/mwaa.ts';
import type { Facts } from './facts.ts';

export const areas = [
  'environment',
  'observability',
  'monitor',
  'key',
  'key policy',
  'grants',
  'execution role',
  'bucket',
  'account',
] as const;

export type Area = (typeof areas)[number];

/** One question about an environment. */
export interface Check {
  /** Never changes: scripts refer to it. */
  readonly id: string;
  readonly area: Area;
  /** The claim that is checked, as a line of the table. */
  readonly title: string;
  /** Why it matters when the claim does not hold. */
  readonly meaning: string;
  /**
   * Judges only what was observed; calls nothing.
   *
   * @returns one judgement per thing examined, or a text that says why the check does not apply
   */
  readonly look: (facts: Facts) => readonly Judgement[] | string;
}

/** Judges the environment itself. The result is `unknown` without an answer from GetEnvironment. */
export function withEnvironment(
  look: (environment: MwaaEnvironment, facts: Facts) => readonly Judgement[] | string,
): Check['look'] {
  return (facts) => {
    const { environment } = facts.observed;
    if (environment.kind !== 'known') return [unknown(environment)];
    // A missing field can be right, but only in an answer that is one: every environment has an
    // ARN.
    if (environment.value.Arn === undefined) return [unanswered('airflow:GetEnvironment', 'Arn')];
    return look(environment.value, facts);
  };
}
