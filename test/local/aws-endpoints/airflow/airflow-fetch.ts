import type { AirflowState } from '../../../../local/aws-endpoints/airflow/airflow-state.ts';
import {
  type AirflowContext,
  answerInvokeRestApi,
} from '../../../../local/aws-endpoints/airflow/invoke-rest-api.ts';
import { localPlace } from '../../../../local/aws-place.ts';
import { VirtualClock } from '../../../../local/clock.ts';
import { airflowState, auditor } from './airflow-fixture.ts';

/** A `fetch` behind which there is an Airflow, without a server: for the environment that a call names. */
export function airflowFetch(version: string, onCall: (url: URL) => void = () => undefined) {
  let state = airflowState();
  const airflow = { version, caller: auditor, stateAt: () => state };
  const answer = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input));
    onCall(url);
    const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    const context: AirflowContext = {
      ...{ airflow: { [name]: airflow }, place: localPlace, clock: new VirtualClock(0) },
      onInternalError: (error) => {
        throw error;
      },
    };
    const body = Buffer.from(String(init?.body ?? ''));
    const {
      status,
      headers,
      body: text,
    } = await answerInvokeRestApi({ path: url.pathname, body }, context);
    return new Response(text, { status, ...(headers && { headers }) });
  };
  return {
    fetch: answer as typeof fetch,
    setState: (next: AirflowState) => {
      state = next;
    },
  };
}
