import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { RestApiError, readRestApi } from '../../../lambda/aws/mwaa-request.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };
const region = 'eu-west-1';
const endpoint = `https://env.airflow.${region}.amazonaws.com`;
const read = { path: '/users', query: { limit: 100, offset: 0 } };

function access(answer: Response) {
  const sent: { url: URL; headers: Headers; body: string }[] = [];
  const fetch: typeof globalThis.fetch = async (resource, init) => {
    const url = new URL(String(resource));
    sent.push({ url, headers: new Headers(init?.headers), body: String(init?.body) });
    return answer;
  };
  return { sent, access: { endpoint, region, credentials, fetch } };
}

function answered(status: number, body: object, type?: string): Response {
  const headers = type === undefined ? undefined : { 'x-amzn-errortype': type };
  return new Response(JSON.stringify(body), { status, headers });
}

test('a read is a signed InvokeRestApi of a GET, body included, and gives what Airflow answered', async () => {
  const answer = answered(200, { RestApiStatusCode: 200, RestApiResponse: { users: [] } });
  const { sent, access: mwaa } = access(answer);
  await expect(readRestApi(mwaa, 'prod env', read, 1000)).resolves.toEqual({ users: [] });
  const [{ url, headers, body } = { url: new URL(endpoint), headers: new Headers(), body: '' }] =
    sent;
  expect(url.href).toBe(`${endpoint}/restapi/prod%20env`);
  expect(JSON.parse(body)).toEqual({
    Path: '/users',
    Method: 'GET',
    QueryParameters: { limit: 100, offset: 0 },
  });
  const signer = new SignatureV4({ service: 'airflow', region, credentials, sha256: Sha256 });
  const date = headers.get('x-amz-date') ?? '';
  const signed = await signer.sign(
    {
      ...{ method: 'POST', protocol: 'https:', hostname: url.hostname, path: url.pathname, body },
      headers: { host: url.host, accept: 'application/json', 'content-type': 'application/json' },
    },
    { signingDate: new Date(date.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5')) },
  );
  expect(headers.get('authorization')).toBe(signed.headers.authorization);
});

test.each([
  ['RestApiClientException', 403],
  ['RestApiServerException', 500],
])('a %s has Airflow’s own status', async (type, status) => {
  const { access: mwaa } = access(answered(400, { RestApiStatusCode: status }, type));
  const error = await readRestApi(mwaa, 'prod', read, 1000).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(RestApiError);
  expect(error).toMatchObject({
    restApiStatus: status,
    message: `Airflow answered ${status} to /users`,
  });
});

test('an error that MWAA passes on as an answer is an error', async () => {
  const { access: mwaa } = access(answered(200, { RestApiStatusCode: 404, RestApiResponse: {} }));
  await expect(readRestApi(mwaa, 'prod', read, 1000)).rejects.toMatchObject({ restApiStatus: 404 });
});

test('a refusal by IAM is MWAA’s own error', async () => {
  const { access: mwaa } = access(answered(403, { message: 'no' }, 'AccessDeniedException'));
  await expect(readRestApi(mwaa, 'prod', read, 1000)).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
});
