import { bucketNames } from '../facts/facts.ts';
import { roleNameOf } from '../facts/role-facts.ts';
import type { Observed } from '../shapes/observation.ts';
import { type Ask, byName, type ObserveOptions, recent } from './ask.ts';
import type { DoctorClients } from './aws-access.ts';
import { observeMonitor } from './observe-monitor.ts';
import { observeQueries } from './observe-queries.ts';
import {
  observeIncoming,
  observeLogGroups,
  observeOtherKeys,
  observeOwnKey,
} from './observe-resources.ts';
import { getEnvironment, refuseUnusable } from './read-mwaa.ts';
import { lookUpDecrypts, observeBucket, observeRole, observeTrails } from './read-services.ts';

const minutesPerDay = 1440;

/**
 * Reads everything that the checks judge from AWS. A failed call becomes a missing part.
 *
 * @throws ObserveError if there is no such environment, AWS rejects the credentials, or MWAA does
 *   not answer in this Region
 */
export async function observe(
  ask: Ask,
  clients: DoctorClients,
  options: ObserveOptions,
): Promise<Observed> {
  const { mwaaEnvironment, nowEpochMs } = options;
  const environment = await getEnvironment(ask, clients, mwaaEnvironment);
  await refuseUnusable(ask, clients, mwaaEnvironment, environment, options.otherNames);
  const settings = environment.kind === 'known' ? environment.value : {};

  const [logs, monitor, own, executionRole, buckets, trails, decryptEvents, incoming] =
    await Promise.all([
      observeLogGroups(ask, clients, mwaaEnvironment),
      observeMonitor(ask, clients, options),
      observeOwnKey(ask, clients, settings),
      settings.ExecutionRoleArn === undefined
        ? undefined
        : observeRole(ask, clients, roleNameOf(settings.ExecutionRoleArn)),
      byName(bucketNames(settings), (name) => observeBucket(ask, clients, name)),
      observeTrails(ask, clients),
      lookUpDecrypts(ask, clients, recent(options, minutesPerDay)),
      observeIncoming(ask, clients, options),
    ]);
  const { logGroups } = logs;
  const [others, queries] = await Promise.all([
    observeOtherKeys(
      ask,
      clients,
      { logGroups, topics: monitor.topics, buckets, kmsKeyArn: options.expectations.kmsKeyArn },
      own.keys,
    ),
    observeQueries(ask, clients, options, logGroups),
  ]);
  return {
    mwaaEnvironment,
    region: clients.region,
    nowEpochMs,
    environment,
    ...logs,
    queries,
    ...incoming,
    ...own,
    keys: { ...own.keys, ...others },
    ...(executionRole && { executionRole }),
    buckets,
    monitor,
    trails,
    decryptEvents,
  };
}
