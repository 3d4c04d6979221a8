import { namesFor } from '../../../infra/config/names.ts';
import { minuteMs } from '../../../lambda/common/time.ts';
import type { Check } from '../../facts/check.ts';
import { isRefused, newestEpochMs } from '../../facts/metric-age.ts';
import { isDeployed, notDeployed } from '../../facts/monitor-parts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { counted, fail, judge, pass, toDo, unanswered } from '../../shapes/judgement.ts';

/** The number that the monitor's own `silent` alarm waits for. */
const missedTicksMax = 3;

export const monitorHeartbeat: Check = {
  id: 'monitor-heartbeat',
  area: 'monitor',
  title: 'The monitor’s scans complete',
  meaning: 'Each completed scan writes the heartbeat; without it nothing is being monitored.',
  look: ({ observed, expectations }) => {
    const { heartbeat } = observed.monitor;
    if (!isDeployed(observed)) return notDeployed;
    return judge(heartbeat, ([series]) => {
      if (series === undefined || isRefused(series))
        return [unanswered('cloudwatch:GetMetricData', 'ScanCompleted')];
      const agedMinutes = missedTicksMax * expectations.everyMinutes + expectations.settleMinutes;
      const newest = newestEpochMs(series);
      const ageMinutes =
        newest === undefined ? undefined : Math.floor((observed.nowEpochMs - newest) / minuteMs);
      if (ageMinutes !== undefined && ageMinutes <= agedMinutes) {
        return [pass(`a scan completed ${counted(ageMinutes, 'minute')} ago`)];
      }
      const last =
        ageMinutes === undefined
          ? ''
          : `; the last one completed ${counted(ageMinutes, 'minute')} ago`;
      const { scannerLogGroup } = namesFor(observed.mwaaEnvironment);
      return [
        fail(
          `no scan completed in the last ${counted(agedMinutes, 'minute')}${last}`,
          toDo(
            'Find the reason in the scanner’s own log, and follow docs/runbooks/monitor-silent.md.',
            awsCommand(observed, 'logs tail', scannerLogGroup, '--since 1h'),
          ),
        ),
      ];
    });
  },
};
