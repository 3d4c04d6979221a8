import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import type { FleetNames, MonitorNames } from '../naming/names.ts';

interface SavedQueriesProps {
  readonly detections: readonly Detection[];
  readonly names: Pick<MonitorNames | FleetNames, 'savedQuery'>;
}

interface SavedQuery {
  readonly id: string;
  readonly logTypes: readonly LogType[];
  readonly query: string;
}

export const addRoleLinesId = 'add-role-lines';
const addRoleLines = [
  'fields @timestamp, @log, @logStream, @message',
  '| filter @message like "add-role"',
  '| sort @timestamp desc',
].join('\n');

/**
 * The detections as saved queries of Logs Insights, for a closer look after an alarm, and one more
 * that shows the lines which the documented query only counts.
 *
 * They name no log groups: MWAA creates the group of a log type when that is first enabled, and
 * PutQueryDefinition can answer ResourceNotFoundException; whether it does for a missing group is
 * not documented. A saved query must not stop the deployment of the monitor. Its name shows the log
 * types instead. So they depend on no environment, and several monitors can share them.
 */
export class SavedQueries extends Construct {
  private readonly names: SavedQueriesProps['names'];

  constructor(scope: Construct, id: string, { detections, names }: SavedQueriesProps) {
    super(scope, id);
    this.names = names;
    for (const detection of detections) this.save(detection);
    this.save({ id: addRoleLinesId, logTypes, query: addRoleLines });
  }

  save({ id, logTypes: types, query }: SavedQuery): void {
    new CfnQueryDefinition(this, id, {
      name: this.names.savedQuery(id, types),
      // The L2 construct rebuilds the text from parts; this one leaves it as it is.
      queryString: query,
    });
  }
}
