import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type LogType, logGroupName, logTypes } from '../lambda/log-types.ts';
import type { Detection } from '../queries/detection-schema.ts';
import type { MonitorNames } from './names.ts';

export interface SavedQueriesProps {
  readonly mwaaEnvironment: string;
  readonly detections: readonly Detection[];
  readonly names: MonitorNames;
}

const addRoleLines = [
  'fields @timestamp, @log, @logStream, @message',
  '| filter @message like "add-role"',
  '| sort @timestamp desc',
].join('\n');

/**
 * The detections as saved queries of Logs Insights, to look further from where an alarm points, and
 * one more that shows the lines which the documented query only counts.
 */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, props: SavedQueriesProps) {
    super(scope, id);
    const { mwaaEnvironment, detections, names } = props;
    const save = (queryId: string, logTypes: readonly LogType[], queryString: string) =>
      new CfnQueryDefinition(this, queryId, {
        name: names.savedQuery(queryId),
        // The L2 construct rebuilds the text from parts; this one leaves it as it is.
        queryString,
        logGroupNames: logTypes.map((logType) => logGroupName(mwaaEnvironment, logType)),
      });
    for (const { id: queryId, logTypes, query } of detections) save(queryId, logTypes, query);
    save('add-role-lines', logTypes, addRoleLines);
  }
}
