import { alarmNames } from '../../../infra/config/names.ts';
import type { Check } from '../../facts/check.ts';
import { judgeForbidden } from '../../facts/forbidden.ts';
import { alarmTopics } from '../../facts/monitor-parts.ts';
import { judgeRole } from '../../facts/role-facts.ts';
import { fail } from '../../shapes/judgement.ts';

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
