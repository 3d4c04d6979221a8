import { GraphWidget, type HorizontalAnnotation, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRule, AlarmSubject } from './alarm-rules.ts';
import { named, thirdWidth } from './dashboard-parts.ts';
import { behindRule, lateRule } from './delay-rules.ts';
import type { EnvironmentConfig } from './environment-config.ts';

/** One row: how old what is read is, how late events come, what waits to be told. */
export function delayWidgets(subject: AlarmSubject, config: EnvironmentConfig): IWidget[] {
  const { metrics } = subject;
  return [
    new GraphWidget({
      title: 'Scan lag (how far behind the tick everything is read)',
      left: [
        named(metrics.documentedLag, 'Documented query'),
        named(metrics.scanLag, 'Pack of detections'),
      ],
      leftAnnotations: [thresholdOf(behindRule(subject, config))],
      leftYAxis: { min: 0, label: 'seconds', showUnits: false },
      width: thirdWidth,
    }),
    new GraphWidget({
      title: `Late events (found up to ${config.farSweep.lagMinutes} min late)`,
      left: [named(metrics.lateLagMax, 'Longest lag of an event')],
      leftAnnotations: [thresholdOf(lateRule(subject, config))],
      leftYAxis: { min: 0, label: 'seconds', showUnits: false },
      right: [named(metrics.lateChanges, 'Changes found late')],
      rightYAxis: { min: 0, label: 'findings', showUnits: false },
      width: thirdWidth,
    }),
    new GraphWidget({
      title: 'Not delivered, in doubt, or refused',
      left: [
        named(metrics.undeliveredFindings, 'Findings not delivered'),
        named(metrics.scanDoubt, 'Queries and counts in doubt'),
        named(metrics.detectionsRefused, 'Detections that Logs Insights refuses'),
      ],
      leftYAxis: { min: 0, showUnits: false },
      width: thirdWidth,
    }),
  ];
}

function thresholdOf({ threshold }: AlarmRule): HorizontalAnnotation {
  return { value: threshold, label: 'alarm' };
}
