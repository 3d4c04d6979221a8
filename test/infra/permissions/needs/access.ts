import type { AccessRequest } from '../policy/decide.ts';

/** A request that is made of these stacks, and must be allowed. */
export interface Access extends AccessRequest {
  /** What makes the request: a command of the SDK, or what a service does. */
  readonly by: string;
  /** Why it is needed. */
  readonly why: string;
  /**
   * What of it may be different without a denial, and the reason: a limit that AWS does not offer, or
   * that cannot be known at synthesis.
   */
  readonly open?: Readonly<Partial<Record<OpenPart, string>>>;
}

/**
 * A part of a request that one step beside changes: `key K` is any change of a key, `key K: name` of
 * the name in the ARN that it holds. `action`: others whose names begin
 * like it are allowed too.
 * `form`: the resource has a form that AWS's reference does not name.
 */
export type OpenPart =
  | 'name'
  | 'longer name'
  | 'account'
  | 'Region'
  | 'caller'
  | 'action'
  | 'form'
  | `key ${string}`;

/** A request that must be denied to somebody whose own policies allow everything. */
export interface Forbidden extends AccessRequest {
  readonly why: string;
}

/** How a failing test names a request. */
export function described({ caller, action, resource, context }: AccessRequest): string {
  const who = caller.kind === 'role' ? (caller.arn.split('/').at(-1) ?? '') : caller.name;
  const said = Object.entries(context).map(([key, value]) => `, ${key} ${value}`);
  return `${who}: ${action} on ${resource}${said.join('')}`;
}
