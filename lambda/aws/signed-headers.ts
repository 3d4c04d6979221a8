import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** Who calls a service of AWS, and where. */
export interface SigningAccess {
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
}

interface UnsignedRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * The headers for `fetch` of a request that is signed by the SDK's own signer. A client of the service would
 * bring a second copy of the SDK's core into the bundle for a single call.
 *
 * @param service its name in signatures: `airflow`, `securityhub`
 */
export async function signedHeaders(
  service: string,
  { region, credentials }: SigningAccess,
  { method, url, headers, body }: UnsignedRequest,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.sign({
    ...{ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname },
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...headers },
    ...(body !== undefined && { body }),
  });
  // `fetch` sets this header itself, from the URL.
  const { host: _, ...rest } = signed.headers;
  return rest;
}
