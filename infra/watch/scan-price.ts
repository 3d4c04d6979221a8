import { bytesPerGb } from '../../lambda/metrics/metric-definitions.ts';

/** The Region whose price stands for a Region that is not listed. */
const commonRegion = 'us-east-1';

/**
 * The price of a GB scanned by Logs Insights, in US dollars, by Region: the price that grows with the logs.
 * Its source is https://aws.amazon.com/cloudwatch/pricing/, as of 2026-06. Other Regions have prices of
 * their own.
 */
export const scannedGbUsd = {
  [commonRegion]: 0.005,
  'eu-west-1': 0.0057,
  'eu-central-1': 0.0063,
  'ap-northeast-1': 0.0076,
} as const satisfies Readonly<Record<string, number>>;

/**
 * The cost of scanned bytes as CloudWatch computes it.
 *
 * @param variable a metric of bytes
 * @param region the Region of the monitor, if it is known
 * @returns metric math that gives US dollars, and the price that it takes, in words
 */
export function scanCost(
  variable: string,
  region: string | undefined,
): { readonly expression: string; readonly priceText: string } {
  const known = Object.entries(scannedGbUsd).find(([name]) => name === region);
  const [place, usd] = known ?? [commonRegion, scannedGbUsd[commonRegion]];
  return {
    expression: `${variable} / ${bytesPerGb} * ${usd}`,
    priceText: `${usd} USD a GB${known === undefined ? `, the price of ${place}` : ''}`,
  };
}
