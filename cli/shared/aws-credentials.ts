import { Option } from 'commander';
import { UserError } from './user-error.ts';

/** `--region`, shared by the commands that call AWS. */
export function regionOption(): Option {
  return new Option(
    '--region <region>',
    'its Region (default: from environments/, then from the AWS CLI)',
  ).argParser(checkedRegion);
}

/** `--profile`, shared by the commands that call AWS. */
export function profileOption(): Option {
  return new Option('--profile <name>', 'AWS CLI profile for credentials and Region');
}

/** @throws UserError for a text that does not have the form of a Region */
export function checkedRegion(region: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region)) return region;
  throw new UserError(`--region: must be a Region like eu-west-1 (got "${region}")`);
}
