import { logTypes } from '../../../lambda/model/log-types.ts';
import { type Check, withEnvironment } from '../../facts/check.ts';
import { loggingMembers } from '../../facts/log-groups.ts';
import { awsCommand, shellJson } from '../../shapes/commands.ts';
import { type Fix, fail, notice, pass, toDo, unanswered } from '../../shapes/judgement.ts';
import type { Observed } from '../../shapes/observation.ts';

/** Airflow logs role changes at INFO: a higher level drops these lines. */
const levelsThatShowInfo = new Set(['INFO', 'DEBUG']);

export const logTypesEnabled: Check = {
  id: 'log-types-enabled',
  area: 'observability',
  title: 'All five log types are published at INFO or lower, except optional ones',
  meaning:
    'AWS’s recipe and every detection read the five log groups at INFO; what is not published can never be found.',
  look: withEnvironment(({ LoggingConfiguration }, { observed, expectations }) => {
    if (LoggingConfiguration === undefined) {
      return [unanswered('airflow:GetEnvironment', 'LoggingConfiguration')];
    }
    return logTypes.map((logType) => {
      const { Enabled, LogLevel } = LoggingConfiguration[loggingMembers[logType]] ?? {};
      if (Enabled === undefined) {
        return unanswered('airflow:GetEnvironment', `${loggingMembers[logType]}.Enabled`);
      }
      const isOptional = expectations.logTypes[logType] === 'optional';
      const off = (evidence: string) =>
        isOptional
          ? notice(`${evidence}, which the environment’s file allows`)
          : fail(evidence, enableAll(observed));
      if (!Enabled) return off(`${logType} logs are not published`);
      if (LogLevel === undefined) {
        return unanswered('airflow:GetEnvironment', `${loggingMembers[logType]}.LogLevel`);
      }
      return levelsThatShowInfo.has(LogLevel)
        ? pass(`${logType} logs are published at ${LogLevel}`)
        : off(`${logType} logs are published at ${LogLevel} only`);
    });
  }),
};

function enableAll(observed: Observed): Fix {
  const setting = { Enabled: true, LogLevel: 'INFO' };
  const all = Object.fromEntries(logTypes.map((logType) => [loggingMembers[logType], setting]));
  return toDo(
    'Publish all five at INFO. This updates the environment, which takes some minutes.',
    awsCommand(
      observed,
      'mwaa update-environment',
      `--name ${observed.mwaaEnvironment}`,
      `--logging-configuration ${shellJson(all)}`,
    ),
  );
}
