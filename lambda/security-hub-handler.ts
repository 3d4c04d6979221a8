import { importFinding } from './security-hub/import-finding.ts';

/** The entry of the function that the construct `SecurityHubFindings` deploys. */
export async function importHandler(event: unknown): Promise<object> {
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = process.env;
  return importFinding(
    {
      region: AWS_REGION,
      credentials: {
        accessKeyId: AWS_ACCESS_KEY_ID,
        secretAccessKey: AWS_SECRET_ACCESS_KEY,
        sessionToken: process.env.AWS_SESSION_TOKEN,
      },
      fetch,
    },
    event,
  );
}
