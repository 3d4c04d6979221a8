import type { Facts } from './facts.ts';
import { type Judgement, unanswered, unknown } from './judgement.ts';
import type { MwaaEnvironment } from './shapes/mwaa.ts';

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
  /** Stable: scripts name it. */
  readonly id: string;
  readonly area: Area;
  /** What is asked, as a line of the table. */
  readonly title: string;
  /** What it means when the answer is no. */
  readonly meaning: string;
  /**
   * Answers from what was observed alone.
   *
   * @returns a judgement of each thing looked at; a text: why the question does not arise
   */
  readonly look: (facts: Facts) => readonly Judgement[] | string;
}

/** Looks at the environment itself; without an answer of GetEnvironment nothing can be said. */
export function withEnvironment(
  look: (environment: MwaaEnvironment, facts: Facts) => readonly Judgement[] | string,
): Check['look'] {
  return (facts) => {
    const { environment } = facts.observed;
    if (environment.kind !== 'known') return [unknown(environment)];
    // What is not there may be right so, but only in an answer that is one.
    if (environment.value.Arn === undefined) return [unanswered('airflow:GetEnvironment', 'Arn')];
    return look(environment.value, facts);
  };
}
