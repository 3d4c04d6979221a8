import { examine } from '../../doctor/examine.ts';
import { defaultExpectations, type Expectations } from '../../doctor/facts/facts.ts';
import { fixture, variations } from '../../doctor/fixtures/fixtures.ts';
import { createAsk } from '../../doctor/observe/ask.ts';
import type { AwsAccessOptions } from '../../doctor/observe/aws-access.ts';
import { createDoctorClients } from '../../doctor/observe/clients.ts';
import { observe } from '../../doctor/observe/observe.ts';
import type { Report } from '../../doctor/report.ts';
import type { EnvironmentConfig } from '../../infra/config/environment-config.ts';
import { scanPlan } from '../../infra/function/scan-plan.ts';
import { systemTimer } from '../../lambda/common/time.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { checkedRegion } from '../shared/aws-credentials.ts';
import { findEnvironment } from '../shared/named-environment.ts';
import { startProgress } from '../shared/progress.ts';
import { UserError } from '../shared/user-error.ts';

const minutesPerHour = 60;

/** Examines one of the example environments that ship with the doctor. */
export function examineFixture(name: string): Report {
  const observed = fixture(name);
  if (observed === undefined) {
    throw new UserError(`--fixture ${name}: there is no such fixture; the fixtures are:`, {
      detail: Object.entries(variations)
        .map(([known, { about }]) => `  ${known.padEnd(28)} ${about}`)
        .join('\n'),
    });
  }
  return examine(observed);
}

/**
 * Examines an environment in AWS.
 *
 * @param name the name of the MWAA environment, or of its file in `environments/`
 * @throws UserError, ObserveError when there is nothing to examine
 */
export async function examineEnvironment(
  name: string | undefined,
  { region, profile }: AwsAccessOptions,
): Promise<Report> {
  if (name === undefined) {
    throw new UserError(
      'give --env NAME for an MWAA environment, or --fixture NAME for an example',
    );
  }
  const given = region === undefined ? undefined : checkedRegion(region);
  const { mwaaEnvironment, config } = findEnvironment(name, given);
  const expectations = config ? expectationsOf(config) : defaultExpectations;
  const clients = await createDoctorClients({ region: given ?? config?.region, profile });
  const progress = startProgress('reading AWS', 'answers');
  const ask = createAsk((answered, begun) => progress.update(answered, begun));
  try {
    const nowEpochMs = Date.now();
    const plan = scanPlan(loadDetections(), config ?? { detections: { disable: [] } });
    const observed = await observe(ask, clients, {
      ...{ mwaaEnvironment, nowEpochMs, expectations, plan },
      timer: systemTimer,
    });
    return examine(observed, expectations);
  } finally {
    progress.stop();
  }
}

function expectationsOf(config: EnvironmentConfig): Expectations {
  const { farSweep, logTypes, silentAfterHours, everyMinutes, settleMinutes } = config;
  return {
    sweepMinutes: farSweep.lagMinutes + farSweep.everyMinutes,
    logTypes,
    silentAfterMinutes: silentAfterHours * minutesPerHour,
    everyMinutes,
    settleMinutes,
  };
}
