import { InvalidArgumentError } from 'commander';
import { scannedGbUsd } from '../../infra/watch/scan-price.ts';

/** A list price of AWS. */
export interface Price {
  readonly usd: number;
  /** What the price is for: `a month` follows where it is meant. */
  readonly per: string;
  /** The month of the latest dated statement of it that it was compared with. */
  readonly asOf: string;
  /** Where AWS publishes it. */
  readonly source: string;
}

const cloudWatch = { asOf: '2026-06', source: 'https://aws.amazon.com/cloudwatch/pricing/' };
const dynamoDb = { asOf: '2025-05', source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' };
const lambda = { asOf: '2026-05', source: 'https://aws.amazon.com/lambda/pricing/' };
const kms = { asOf: '2026-06', source: 'https://aws.amazon.com/kms/pricing/' };

const million = 1e6;

/** The Region of all prices, but for `scannedGbUsd`. */
export const priceRegion = 'us-east-1';

/**
 * AWS's list prices in {@link priceRegion}, without its free tiers and before taxes and discounts. A
 * gigabyte is taken as 10^9 bytes, which can only overestimate the cost.
 */
export const prices = {
  scannedGb: { ...cloudWatch, usd: scannedGbUsd[priceRegion], per: 'GB scanned by Logs Insights' },
  logsIngestedGb: { ...cloudWatch, usd: 0.5, per: 'GB of logs put' },
  /** Of the first 10,000 metrics. A metric is a name with one set of dimensions. */
  customMetric: { ...cloudWatch, usd: 0.3, per: 'custom metric a month' },
  /** Of a period of a minute or longer. */
  standardAlarm: { ...cloudWatch, usd: 0.1, per: 'metric of a standard alarm a month' },
  /**
   * "Standard alarm cost plus query charges based on data scanned":
   * https://dev.classmethod.jp/en/articles/cloudwatch-log-based-alarm-putlogalarm-try/
   */
  logAlarm: { ...cloudWatch, usd: 0.1, per: 'log alarm a month' },
  dashboard: { ...cloudWatch, usd: 3, per: 'dashboard a month' },
  putMetricData: { ...cloudWatch, usd: 0.01 / 1000, per: 'PutMetricData request' },
  metricRead: { ...cloudWatch, usd: 0.01 / 1000, per: 'metric requested by GetMetricData' },
  /** One more dollar after each of its first two rotations. */
  key: { ...kms, usd: 1, per: 'customer managed key a month' },
  keyRequest: { ...kms, usd: 0.03 / 10_000, per: 'KMS request' },
  ledgerWrite: { ...dynamoDb, usd: 0.625 / million, per: 'DynamoDB write of at most 1 KB' },
  ledgerRead: { ...dynamoDb, usd: 0.125 / million, per: 'DynamoDB read of at most 4 KB' },
  ledgerGb: { ...dynamoDb, usd: 0.25, per: 'GB in DynamoDB a month' },
  ledgerBackupGb: { ...dynamoDb, usd: 0.2, per: 'GB of point-in-time recovery a month' },
  functionRun: { ...lambda, usd: 0.2 / million, per: 'Lambda request' },
  armGbSecond: { ...lambda, usd: 0.0000133334, per: 'GB-second of Lambda on Arm' },
  x86GbSecond: { ...lambda, usd: 0.0000166667, per: 'GB-second of Lambda on x86' },
} as const satisfies Record<string, Price>;

const gigabyte = 1e9;

/** The cost in US dollars, with 10^9 bytes per gigabyte, which can only overestimate it. */
export function costUsd(bytes: number, priceUsdPerGb: number): number {
  return (bytes / gigabyte) * priceUsdPerGb;
}

/** `about 0.06 USD`, `less than 0.01 USD` */
export function usdText(usd: number): string {
  return usd < 0.01 ? 'less than 0.01 USD' : `about ${usd.toFixed(2)} USD`;
}

/**
 * Parses the price of `--price-per-gb`.
 *
 * @throws InvalidArgumentError for anything but a number like 0.005
 */
export function parsePrice(text: string): number {
  const price = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text)) {
    throw new InvalidArgumentError('It must be a price in US dollars, such as 0.005.');
  }
  return price;
}
