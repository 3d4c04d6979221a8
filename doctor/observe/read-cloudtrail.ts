import {
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  LookupEventsCommand,
} from '@aws-sdk/client-cloudtrail';
import { z } from 'zod';
import {
  type DecryptEvents,
  decryptEventsShape,
  eventSelectorsShape,
  type ObservedTrail,
  trailShape,
  trailStatusShape,
} from '../shapes/cloudtrail.ts';
import { known, type Part } from '../shapes/part.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';

type CloudTrail = Pick<DoctorClients, 'cloudTrail'>;

const trailsAnswer = z
  .object({ trailList: z.array(trailShape).default([]) })
  .transform(({ trailList }) => trailList);

/** Every trail that covers the Region, including those of other Regions and of the organization. */
export async function observeTrails(
  ask: Ask,
  { cloudTrail }: CloudTrail,
): Promise<Part<ObservedTrail[]>> {
  const trails = await ask('cloudtrail:DescribeTrails', trailsAnswer, () =>
    cloudTrail.send(new DescribeTrailsCommand({ includeShadowTrails: true })),
  );
  if (trails.kind !== 'known') return trails;
  const observed = trails.value.map(async (trail) => {
    const name = trail.TrailARN ?? trail.Name;
    const [status, selectors] = await Promise.all([
      ask('cloudtrail:GetTrailStatus', trailStatusShape, () =>
        cloudTrail.send(new GetTrailStatusCommand({ Name: name })),
      ),
      ask('cloudtrail:GetEventSelectors', eventSelectorsShape, () =>
        cloudTrail.send(new GetEventSelectorsCommand({ TrailName: name })),
      ),
    ]);
    return { trail, status, selectors };
  });
  return known(await Promise.all(observed));
}

/** LookupEvents returns 50 events per page, and allows two calls a second. */
const lookupPagesMax = 20;

/** The newest Decrypt events in a span of time, as far back as `lookupPagesMax` pages reach. */
export function lookUpDecrypts(
  ask: Ask,
  { cloudTrail }: CloudTrail,
  span: { readonly startEpochMs: number; readonly endEpochMs: number },
): Promise<Part<DecryptEvents>> {
  return ask('cloudtrail:LookupEvents', decryptEventsShape, async () => {
    const events = [];
    let NextToken: string | undefined;
    for (let page = 1; page <= lookupPagesMax; page += 1) {
      const answer = await cloudTrail.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'Decrypt' }],
          StartTime: new Date(span.startEpochMs),
          EndTime: new Date(span.endEpochMs),
          NextToken,
        }),
      );
      events.push(...(answer.Events ?? []));
      NextToken = answer.NextToken;
      if (NextToken === undefined) return { events, sinceEpochMs: span.startEpochMs };
    }
    // The newest come first: the last one shows how far back they reach.
    const oldest = events.at(-1)?.EventTime?.getTime() ?? span.endEpochMs;
    return { events, sinceEpochMs: oldest };
  });
}
