import type { MonitoredEnvironment } from '../../infra/config/environment-config.ts';
import { stackName } from '../../infra/naming/names.ts';

/** An MWAA environment and where it is, as far as that is known. */
export interface EnvironmentPlace {
  readonly mwaaEnvironment: string;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** The name of the new file without `.yaml`, or that of the file that describes the environment already. */
export type ChosenFile =
  | { readonly kind: 'new'; readonly name: string }
  | { readonly kind: 'described'; readonly name: string }
  | { readonly kind: 'none-free'; readonly tried: readonly string[] };

/**
 * Chooses the file of an environment: its own name if that is free, else the name with its Region, else
 * also with its account. The file's name becomes the stack's, which has no underscore: so
 * `prod_airflow` and `prod-airflow` must not get the same file.
 *
 * @param files the environments that have files, those that were just written included
 */
export function chooseFile(
  place: EnvironmentPlace,
  files: readonly MonitoredEnvironment[],
): ChosenFile {
  const described = files.find(({ config }) => isSamePlace(config, place));
  if (described !== undefined) return { kind: 'described', name: described.name };
  const own = place.mwaaEnvironment.replaceAll('_', '-');
  const names = [own, joined(own, place.region), joined(own, place.region, place.account)];
  const free = names.find((name) => !files.some((file) => hasSameStack(file.name, name)));
  return free === undefined
    ? { kind: 'none-free', tried: [...new Set(names)] }
    : { kind: 'new', name: free };
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('-');
}

/** File systems and CloudFormation's exports do not all tell capitals apart. */
export function hasSameStack(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => stackName('MonitorStack', name).toLowerCase());
  return a === b;
}

/** A file without account or Region describes the environment wherever the credentials point. */
function isSamePlace(config: EnvironmentPlace, place: EnvironmentPlace): boolean {
  return (
    config.mwaaEnvironment === place.mwaaEnvironment &&
    mayBeSame(config.account, place.account) &&
    mayBeSame(config.region, place.region)
  );
}

function mayBeSame(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}
