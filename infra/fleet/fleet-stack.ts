import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { deploymentPlace, type EnvironmentConfig } from '../config/environment-config.ts';
import { type FleetNames, fleetNamesFor } from '../config/names.ts';
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

interface FleetStackProps extends Omit<StackProps, 'env'> {
  readonly fleet: Fleet;
  /** What `loadDetections` read. */
  readonly detections: readonly Detection[];
}

/**
 * What the monitors of one account and Region share: the saved queries, of which a Region has a
 * limited number, and a dashboard over all of them. It refers to no other stack, so that a monitor can
 * be deployed and destroyed alone.
 */
export class FleetStack extends Stack {
  constructor(scope: Construct, { fleet, detections, ...stackProps }: FleetStackProps) {
    const { names, configs } = fleet;
    super(scope, names.stack, {
      description: 'Saved queries and a dashboard for all privilege monitors of this place',
      ...stackProps,
      env: deploymentPlace(configs[0]),
    });
    new SavedQueries(this, 'Queries', { detections, names });
    const dashboardName =
      configs[0].region === undefined ? `${names.dashboard}-${this.region}` : names.dashboard;
    fleetDashboard(this, { dashboardName, configs });
    new CfnOutput(this, 'DashboardName', { value: dashboardName, description: 'All monitors' });
  }
}
