import { z } from 'zod';
import { classifyAwsError } from '../../lambda/aws/aws-errors.ts';
import { getFromMwaa } from '../../lambda/aws/mwaa-request.ts';
import { retryUntil } from '../../lambda/common/retry.ts';
import { deadlineIn, systemTimer } from '../../lambda/common/time.ts';
import { environmentShape, type MwaaEnvironment } from '../shapes/mwaa.ts';
import type { Part } from '../shapes/part.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';
import { allPages } from './pages.ts';

const requestTimeoutMs = 10_000;
const patienceMs = 20_000;
const backoff = { firstMs: 200, factor: 2, maxMs: 5_000 };

const answerShape = z
  .object({ Environment: environmentShape })
  .transform(({ Environment }) => Environment);

const listShape = z.object({
  Environments: z.array(z.string()).optional(),
  NextToken: z.string().nullish(),
});

type Mwaa = Pick<DoctorClients, 'mwaa'>;

export function getEnvironment(
  ask: Ask,
  clients: Mwaa,
  name: string,
): Promise<Part<MwaaEnvironment>> {
  return ask('airflow:GetEnvironment', answerShape, () =>
    get(clients, `/environments/${encodeURIComponent(name)}`),
  );
}

/** The names of the account's environments in this Region. */
export function listEnvironments(ask: Ask, clients: Mwaa): Promise<Part<string[]>> {
  return ask('airflow:ListEnvironments', z.array(z.string()), () =>
    allPages(async (token) => {
      const query = token === undefined ? '' : `?NextToken=${encodeURIComponent(token)}`;
      const page = listShape.parse(await get(clients, `/environments${query}`));
      return { items: page.Environments, next: page.NextToken ?? undefined };
    }),
  );
}

/** Retries when MWAA throttles or does not answer, as SDK clients do. */
function get({ mwaa }: Mwaa, path: string): Promise<unknown> {
  return retryUntil(
    () => getFromMwaa(mwaa, path, requestTimeoutMs),
    { timer: systemTimer, random: Math.random },
    {
      deadline: deadlineIn(systemTimer, patienceMs),
      backoff,
      worthRetrying: (error, failures) =>
        failures < 4 && ['throttled', 'lost-answer'].includes(classifyAwsError(error)),
    },
  );
}
