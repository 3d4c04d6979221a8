/**
 * List prices of CloudWatch Logs in us-east-1, in US dollars per gigabyte; other Regions cost up to
 * twice as much. https://aws.amazon.com/cloudwatch/pricing/
 */
export const usdPerGb = { scanned: 0.005, put: 0.5 } as const;

const gigabyte = 1e9;

/** The cost in US dollars, with 10^9 bytes per gigabyte, which can only overestimate it. */
export function costUsd(bytes: number, priceUsdPerGb: number): number {
  return (bytes / gigabyte) * priceUsdPerGb;
}

/** `about 0.06 USD`, `less than 0.01 USD` */
export function usdText(usd: number): string {
  return usd < 0.01 ? 'less than 0.01 USD' : `about ${usd.toFixed(2)} USD`;
}
