import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { getFromMwaa } from '../../../lambda/aws/mwaa-request.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };
const region = 'eu-west-1';
const endpoint = `https://api.airflow.${region}.amazonaws.com`;

/** The address and headers of the request for a path. */
async function sentFor(path: string) {
  const sent: { url: URL; headers: Record<string, string> }[] = [];
  const fetch: typeof globalThis.fetch = async (resource, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers).entries());
    sent.push({ url: new URL(String(resource)), headers });
    return new Response('{}');
  };
  await getFromMwaa({ endpoint, region, credentials, fetch }, path, 1000);
  const [first] = sent;
  if (first === undefined) throw new Error('nothing was sent');
  return first;
}

/** `20261125T130000Z` */
function dateOf(text = ''): Date {
  return new Date(text.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'));
}

test.each([
  ['/environments/prod', {}],
  ['/environments?NextToken=abc', { NextToken: 'abc' }],
])('the signature of %s covers the whole request', async (path, query) => {
  const { url, headers } = await sentFor(path);
  const signer = new SignatureV4({ service: 'airflow', region, credentials, sha256: Sha256 });

  const signed = await signer.sign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: url.hostname,
      path: url.pathname,
      query,
      headers: { host: url.host, accept: 'application/json' },
    },
    { signingDate: dateOf(headers['x-amz-date']) },
  );

  expect(headers.authorization).toBe(signed.headers.authorization);
});

test.each(['message', 'Message'])('a refusal has its reason, written as %s', async (member) => {
  const fetch: typeof globalThis.fetch = async () =>
    new Response(JSON.stringify({ [member]: 'you may not' }), {
      status: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
    });

  await expect(
    getFromMwaa({ endpoint, region, credentials, fetch }, '/environments/prod', 1000),
  ).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'you may not' });
});
