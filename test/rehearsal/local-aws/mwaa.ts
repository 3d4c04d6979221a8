import { request } from 'node:https';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { type LocalAws, region, rootKey } from './local-aws.ts';

/**
 * MWAA's CreateEnvironment, signed here: MWAA's client would be one more package for one call.
 *
 * @throws Error with MWAA's answer when it is not 200
 */
export async function createAirflowEnvironment(
  { url, agent }: LocalAws,
  name: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { protocol, hostname, host, port } = new URL(url);
  const body = JSON.stringify(fields);
  const signer = new SignatureV4({
    ...{ service: 'airflow', region, credentials: rootKey, sha256: Sha256 },
  });
  const path = `/environments/${name}`;
  const { headers } = await signer.sign({
    ...{ method: 'PUT', protocol, hostname, path, body },
    headers: { host, 'content-type': 'application/json' },
  });
  await new Promise<void>((resolve, reject) => {
    const sent = request({ method: 'PUT', hostname, port, path, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`MWAA answers ${answer.statusCode}: ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
