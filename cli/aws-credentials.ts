import { Option } from 'commander';
import { UserError } from './user-error.ts';

/** `--region`, as every command that calls AWS takes it. */
export function regionOption(): Option {
  return new Option(
    '--region <region>',
    'its Region; default: of environments/, then of the AWS CLI',
  ).argParser(checkedRegion);
}

/** `--profile`, as every command that calls AWS takes it. */
export function profileOption(): Option {
  return new Option('--profile <name>', "the AWS CLI's profile to take credentials and Region of");
}

/** @throws UserError for what is no Region by its form */
export function checkedRegion(region: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region)) return region;
  throw new UserError(`--region: must be a Region like eu-west-1 (got "${region}")`);
}
