import * as z from 'zod/mini';
import { type SigningAccess, signedHeaders } from '../aws/signed-headers.ts';
import { InvalidInputError, parseInput } from '../common/parse-input.ts';
import { findingEventSchema } from '../model/finding.ts';
import { securityFinding } from './security-finding.ts';

/** What the function needs from outside. */
export interface SecurityHubAccess extends SigningAccess {
  readonly fetch: typeof fetch;
}

/** An event of the bus as EventBridge gives it to a function. */
const eventSchema = z.object({
  source: z.literal('mwaa-privilege-monitor'),
  'detail-type': z.literal('MWAA Privilege Finding'),
  /** ISO 8601 to the second. */
  time: z.iso.datetime(),
  detail: findingEventSchema,
});

/**
 * What BatchImportFindings answers: it may accept the request and none of its findings.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html
 */
const answerSchema = z.object({
  SuccessCount: z.int(),
  FailedCount: z.int(),
  FailedFindings: z.optional(
    z.array(z.object({ Id: z.string(), ErrorCode: z.string(), ErrorMessage: z.string() })),
  ),
});

/** Security Hub did not take a finding: Lambda tries again, and then keeps the event in the queue. */
export class FindingNotImportedError extends Error {
  override readonly name = 'FindingNotImportedError';
}

const callMaxMs = 10_000;

/**
 * Imports the finding of one event into Security Hub.
 *
 * @returns the id of the finding in Security Hub; nothing for a test of the notifications
 * @throws InvalidInputError for an event of another form; FindingNotImportedError, also when the request
 *   was accepted and the finding was not
 */
export async function importFinding(
  access: SecurityHubAccess,
  event: unknown,
): Promise<{ readonly imported?: string }> {
  const { time, detail } = parseInput(eventSchema, event, 'event of the bus');
  if (detail.kind === 'test') return {};
  const { region } = access;
  if (detail.region !== region) {
    throw new InvalidInputError(
      `event of the bus: field "detail.region": must be ${region}, where this function imports, got "${detail.region}"`,
    );
  }
  const partition = partitionOf(region);
  const finding = securityFinding(detail, { eventTime: new Date(time).toISOString(), partition });
  const body = JSON.stringify({ Findings: [finding] });
  const answer = await post(access, '/findings/import', body);
  const { SuccessCount, FailedFindings = [] } = parseInput(
    answerSchema,
    answer,
    'answer of BatchImportFindings',
  );
  if (SuccessCount === 1) return { imported: finding.Id };
  const [failed] = FailedFindings;
  const why = failed === undefined ? 'no reason' : `${failed.ErrorCode}: ${failed.ErrorMessage}`;
  throw new FindingNotImportedError(`Security Hub did not import ${finding.Id}: ${why}`);
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

async function post(access: SecurityHubAccess, path: string, body: string): Promise<unknown> {
  const { region, fetch: send } = access;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = new URL(`https://securityhub.${region}.${domain}${path}`);
  const headers = await signedHeaders('securityhub', access, {
    ...{ method: 'POST', url, body },
    headers: { 'content-type': 'application/json' },
  });
  const response = await send(url.href, {
    ...{ method: 'POST', headers, body, redirect: 'error' },
    signal: AbortSignal.timeout(callMaxMs),
  });
  const text = await response.text();
  if (response.status !== 200) {
    const type = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? 'no error type';
    throw new FindingNotImportedError(
      `BatchImportFindings: HTTP status ${response.status}, ${type}: ${text.slice(0, 500)}`,
    );
  }
  return JSON.parse(text);
}
