import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { deploymentPlace, type EnvironmentConfig } from '../config/environment-config.ts';
import { type FleetNames, fleetNamesFor } from '../naming/names.ts';
import { SavedQueries } from '../watch/saved-queries.ts';
import { fleetDashboard } from './fleet-dashboard.ts';

/** The monitors that are deployed to one account and Region. */
export interface Fleet {
  readonly names: FleetNames;
  /** At least one; all of them name the same account and Region, or none. */
  readonly configs: readonly [EnvironmentConfig, ...EnvironmentConfig[]];
}

/** Groups environments by the account and Region in their files. */
export function fleetsOf(configs: readonly EnvironmentConfig[]): Fleet[] {
  const fleets = new Map<string, Fleet>();
  for (const config of configs) {
    const names = fleetNamesFor(config);
    const others = fleets.get(names.stack)?.configs ?? [];
    const [first = config, ...rest] = [...others, config];
    fleets.set(names.stack, { names, configs: [first, ...rest] });
  }
  return [...fleets.values()];
}

/** The fleets of the same account in other Regions, as far as the files name them. */
export function inOtherRegions(fleet: Fleet, all: readonly Fleet[]): Fleet[] {
  const [{ account, region }] = fleet.configs;
  if (region === undefined) return [];
  return all.filter(
    ({ configs: [other] }) =>
      other.account === account && other.region !== undefined && other.region !== region,
  );
}

interface FleetStackProps extends Omit<StackProps, 'env'> {
  readonly fleet: Fleet;
  /** Fleets of the same account whose monitors the dashboard shows as well. */
  readonly elsewhere: readonly Fleet[];
  /** The name of a monitor's dashboard. */
  readonly dashboardName: (config: EnvironmentConfig) => string;
  /** What `loadDetections` read. */
  readonly detections: readonly Detection[];
}

/**
 * What the monitors of one account and Region share: the saved queries, of which a Region has a
 * limited number, and a dashboard over all of them and over those of the account's other Regions. It refers to no other stack, so that a monitor can
 * be deployed and destroyed alone.
 */
export class FleetStack extends Stack {
  constructor(scope: Construct, props: FleetStackProps) {
    const { fleet, elsewhere, detections, dashboardName: dashboardOf, ...stackProps } = props;
    const { names, configs } = fleet;
    super(scope, names.stack, {
      description: 'Saved queries and a dashboard for all privilege monitors of this place',
      ...stackProps,
      env: deploymentPlace(configs[0]),
    });
    new SavedQueries(this, 'Queries', { detections, names });
    const dashboardName =
      configs[0].region === undefined ? `${names.dashboard}-${this.region}` : names.dashboard;
    const others = elsewhere.flatMap(({ configs: there }) => there);
    fleetDashboard(this, { dashboardName, configs: [...configs, ...others], dashboardOf });
    new CfnOutput(this, 'DashboardName', { value: dashboardName, description: 'All monitors' });
  }
}
