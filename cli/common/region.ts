import { UserError } from './output.ts';

/** @throws UserError for a text that does not have the form of a Region */
export function checkedRegion(region: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region)) return region;
  throw new UserError(`--region: must be a Region like eu-west-1 (got "${region}")`);
}
