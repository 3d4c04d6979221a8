import { Option } from 'commander';
import { logTypes } from '../../lambda/model/log-types.ts';

/** `--logs`, shared by the commands that read logs. */
export function logsOption(): Option {
  return new Option(
    '--logs <path>',
    'a file or folder of NDJSON events or Airflow logs, plain or gzip',
  );
}

/** `--environment`, for logs that do not name their environment. */
export function environmentOption(): Option {
  return new Option(
    '--environment <name>',
    'MWAA environment that an Airflow logs/ folder belongs to (default: local)',
  );
}

/** `--log-type`, for logs whose paths do not show their log type. */
export function logTypeOption(): Option {
  return new Option(
    '--log-type <type>',
    'log type of Airflow logs whose path does not show it; for a single file, it overrides the path',
  ).choices(logTypes);
}

/** `--allow-incomplete`, for logs that cannot be read completely. */
export function allowIncompleteOption(): Option {
  return new Option(
    '--allow-incomplete',
    'accept logs that cannot be read completely, and warn about what is missing (otherwise exit code 2)',
  );
}
