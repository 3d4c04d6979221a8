import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type CallShell, callAws, isPassingFailure } from '../aws/call-aws.ts';
import { describeError } from '../common/log.ts';
import type { Deadline } from '../common/time.ts';
import type { ExistingLogGroups, LogGroupFacts } from '../model/coverage.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';

const lostAnswersMax = 3;

/**
 * Which of an environment's five log groups exist, when they were created, their retention and key.
 *
 * They are listed by prefix and then compared with the exact names: `airflow-prod-` also finds the
 * groups of an environment `prod-2`. An error gives the answer `unknown`, since a monitor that may
 * not list log groups still scans.
 */
export async function describeLogGroups(
  shell: CallShell & { readonly logs: CloudWatchLogsClient },
  mwaaEnvironment: string,
  deadline: Deadline,
): Promise<ExistingLogGroups> {
  const wanted = new Set(logTypes.map((logType) => logGroupName(mwaaEnvironment, logType)));
  const logGroups = new Map<string, LogGroupFacts>();
  const logGroupNamePrefix = `airflow-${mwaaEnvironment}-`;
  let nextToken: string | undefined;
  try {
    do {
      const command = new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken });
      const page = await callAws(
        'DescribeLogGroups',
        (options) => shell.logs.send(command, options),
        shell,
        deadline,
        lostAnswersMax,
      );
      for (const { logGroupName: name, ...group } of page.logGroups ?? []) {
        if (name === undefined || !wanted.has(name)) continue;
        logGroups.set(name, {
          createdEpochMs: group.creationTime,
          retentionDays: group.retentionInDays,
          kmsKeyId: group.kmsKeyId,
        });
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined && logGroups.size < wanted.size);
  } catch (error) {
    const reason = `DescribeLogGroups failed: ${describeError(error)}`;
    shell.log('error', 'log-groups-unknown', { reason });
    return { kind: 'unknown', reason, isPassing: isPassingFailure(error) };
  }
  return { kind: 'known', logGroups };
}
