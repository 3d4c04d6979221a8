import { Option } from 'commander';
import { logTypes } from '../lambda/log-types.ts';

/** `--logs`, as every command that reads logs takes it. */
export function logsOption(): Option {
  return new Option(
    '--logs <path>',
    'a file or folder of NDJSON events or Airflow logs, plain or gzip',
  );
}

/** `--environment`, for logs that do not say which environment they are of. */
export function environmentOption(): Option {
  return new Option(
    '--environment <name>',
    'MWAA environment that an Airflow logs/ folder belongs to (default: local)',
  );
}

/** `--log-type`, for logs whose paths do not say which log type they are of. */
export function logTypeOption(): Option {
  return new Option(
    '--log-type <type>',
    'log type of Airflow logs whose path does not tell it; of a single file, whatever its path says',
  ).choices(logTypes);
}

/** `--allow-incomplete`, for logs of which not everything can be read. */
export function allowIncompleteOption(): Option {
  return new Option(
    '--allow-incomplete',
    'go on when not everything of the logs can be read, and say what is missing (otherwise exit code 2)',
  );
}
