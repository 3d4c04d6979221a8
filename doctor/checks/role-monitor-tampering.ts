import { alarmNames } from '../../infra/names.ts';
import type { Check } from '../check.ts';
import { judgeForbidden } from '../forbidden.ts';
import { fail } from '../judgement.ts';
import { alarmTopics } from '../monitor-parts.ts';
import { judgeRole } from '../role-facts.ts';

export const roleMonitorTampering: Check = {
  id: 'role-monitor-tampering',
  area: 'execution role',
  title: 'The execution role may not silence the monitor',
  meaning:
    'Nobody is notified about a DAG that can delete alarms, disable their actions or remove subscriptions.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed } = facts;
      const place = `${observed.region}:${account}`;
      const topics = alarmTopics(observed);
      return judgeForbidden(
        facts,
        role,
        [
          ...alarmNames(observed.mwaaEnvironment).map((name) => ({
            actions: [
              'cloudwatch:DeleteAlarms',
              'cloudwatch:DisableAlarmActions',
              'cloudwatch:PutMetricAlarm',
              'cloudwatch:SetAlarmState',
            ],
            resource: `arn:${partition}:cloudwatch:${place}:alarm:${name}`,
          })),
          ...(topics.kind === 'known' ? topics.value : []).map((arn) => ({
            actions: ['sns:DeleteTopic', 'sns:SetTopicAttributes', 'sns:Unsubscribe'],
            resource: arn,
          })),
        ],
        'silence the monitor',
        fail,
      );
    }),
};
