import type { StateChange } from '../model/testimony.ts';
import { shownName, shownNames } from '../text/show-text.ts';

/** Permissions that a sentence names. */
const permissionsShown = 3;

/**
 * What became of users and roles, as a part of a sentence: `eve is new and has role Admin`. Names are escaped,
 * and quoted if they could be read as part of the sentence.
 */
export function changesPhrase(changes: readonly StateChange[]): string {
  const objects = [...Map.groupBy(changes, ({ object, name }) => JSON.stringify([object, name]))];
  return objects.map(([, ofObject]) => objectPhrase(ofObject)).join('; ');
}

function objectPhrase(changes: readonly StateChange[]): string {
  const [first] = changes;
  if (first === undefined) return '';
  const rolesOf = (kind: StateChange['kind']) =>
    changes.flatMap((change) => (change.kind === kind && change.role ? [change.role] : []));
  const [gained, lost] = [rolesOf('gained-role'), rolesOf('lost-role')];
  const parts = [
    ...changes.flatMap((change) => partOf(change)),
    ...(gained.length > 0 ? [`has ${rolesPhrase(gained)}`] : []),
    ...(lost.length > 0 ? [`lost ${rolesPhrase(lost)}`] : []),
  ];
  const isPlain = first.object === 'user' && /^(?:has|lost) /.test(parts[0] ?? '');
  return `${isPlain ? '' : `${first.object} `}${shownName(first.name)} ${parts.join(' and ')}`;
}

function rolesPhrase(roles: readonly string[]): string {
  return `role${roles.length > 1 ? 's' : ''} ${shownNames(roles)}`;
}

function partOf({ object, kind, aliases, ...change }: StateChange): string[] {
  switch (kind) {
    case 'added':
      return [object === 'role' ? `is new${withPermissions(change)}` : 'is new'];
    case 'removed':
      return ['is gone'];
    case 'renamed':
      return [`was ${shownName(aliases?.at(-1) ?? '?')} before`];
    case 'switched-on':
      return ['was switched on'];
    case 'switched-off':
      return ['was switched off'];
    case 'gained-permissions':
      return [`gained ${permissionsPhrase(change)}`];
    case 'lost-permissions':
      return [`lost ${permissionsPhrase(change)}`];
    default:
      return [];
  }
}

type Permissions = Pick<StateChange, 'permissions' | 'permissionCount'>;

function withPermissions(change: Permissions): string {
  return (change.permissionCount ?? 0) === 0 ? '' : `, with ${permissionsPhrase(change)}`;
}

function permissionsPhrase({
  permissions = [],
  permissionCount = permissions.length,
}: Permissions) {
  const named = permissions.slice(0, permissionsShown).map((permission) => shownName(permission));
  const more = permissionCount - named.length;
  return [...named, ...(more > 0 ? [`${more} more permission${more === 1 ? '' : 's'}`] : [])].join(
    ', ',
  );
}

/** `05:50–06:05 UTC`: when it happened, as far as two readings show. */
export function spanPhrase(changes: readonly StateChange[]): string {
  const from = Math.min(...changes.map(({ fromEpochMs }) => fromEpochMs));
  const to = Math.max(...changes.map(({ toEpochMs }) => toEpochMs));
  return `${clockTime(from)}–${clockTime(to)} UTC`;
}

function clockTime(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 16);
}
