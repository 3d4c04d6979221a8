import { awsCommand, toDo } from '../shapes/judgement.ts';
import type { ObservedTrail } from '../shapes/log-shapes.ts';
import type { Observed } from '../shapes/observation.ts';

/** A trail as a report names it, and as commands take it. */
export function trailName({ trail }: ObservedTrail): string {
  return trail.TrailARN ?? trail.Name ?? 'a trail';
}

/** Makes a trail record all management events, those of KMS included; it replaces all selectors. */
export function recordManagementEvents(observed: Observed, trail: ObservedTrail): string {
  return awsCommand(
    observed,
    'cloudtrail put-event-selectors',
    `--trail-name ${trailName(trail)}`,
    `--event-selectors '[{"ReadWriteType":"All","IncludeManagementEvents":true}]'`,
  );
}

/** Makes a trail log again. */
export function startLogging(observed: Observed, name: string): string {
  return awsCommand(observed, 'cloudtrail start-logging', `--name ${name}`);
}

/** What to do where no trail covers the Region. */
export function createTrail(observed: Observed) {
  return toDo(
    'Create a trail for all Regions, into a bucket whose policy lets CloudTrail write.',
    awsCommand(
      observed,
      'cloudtrail create-trail',
      '--name account-trail --s3-bucket-name BUCKET --is-multi-region-trail --enable-log-file-validation',
    ),
    startLogging(observed, 'account-trail'),
  );
}
