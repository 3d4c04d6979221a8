/** What became of one step of a test, for a person. */
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
  /** What to do; only where it is not ok. */
  readonly fix?: string;
}
