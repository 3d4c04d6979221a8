/**
 * List prices of CloudWatch Logs in us-east-1, in US dollars for a gigabyte; other Regions take up to
 * twice as much. https://aws.amazon.com/cloudwatch/pricing/
 */
export const usdPerGb = { scanned: 0.005, put: 0.5 } as const;

const gigabyte = 1e9;

/** In US dollars. A gigabyte of the price list is taken for 10^9 bytes, which can only be too much. */
export function costUsd(bytes: number, priceUsdPerGb: number): number {
  return (bytes / gigabyte) * priceUsdPerGb;
}

/** `about 0.06 USD`, `less than 0.01 USD`. */
export function usdText(usd: number): string {
  return usd < 0.01 ? 'less than 0.01 USD' : `about ${usd.toFixed(2)} USD`;
}
