import { Option } from 'commander';

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
