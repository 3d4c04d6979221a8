/** The outcome of one step of a test, for people. */
export interface Step {
  readonly step:
    | 'findings-subscriptions'
    | 'alarm-subscriptions'
    | 'publish'
    | 'ring'
    | 'alarm-action'
    | 'back-to-ok';
  readonly ok: boolean;
  /** One sentence. */
  readonly detail: string;
  /** What to do; only if the step failed. */
  readonly fix?: string;
}
