import {
  CloudWatchClient,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { minuteMs } from '../../../../lambda/common/time.ts';
import { clientFor, endpoints, now, stopEndpoints } from '../with-endpoints.ts';

afterEach(stopEndpoints);

function datum(changes: Partial<MetricDatum> = {}): MetricDatum {
  return {
    MetricName: 'AddRoleMatches',
    Dimensions: [{ Name: 'Environment', Value: 'prod' }],
    Timestamp: new Date(now),
    Unit: 'Count',
    Value: 3,
    ...changes,
  };
}

async function put(data: MetricDatum[], namespace = 'MwaaPrivilegeMonitor') {
  const started = await endpoints();
  const client = new CloudWatchClient(clientFor(started));
  await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: data }));
  return started.metrics.series();
}

test('a value is stored under its metric, unit and minute', async () => {
  expect(await put([datum({ Timestamp: new Date(now + 59_999) })])).toEqual([
    {
      namespace: 'MwaaPrivilegeMonitor',
      metricName: 'AddRoleMatches',
      dimensions: { Environment: 'prod' },
      points: [
        {
          startEpochMs: now,
          unit: 'Count',
          statistics: { sampleCount: 1, sum: 3, minimum: 3, maximum: 3 },
        },
      ],
    },
  ]);
});

test.each([
  ['two values of one minute', [datum(), datum({ Value: 5 })], [2, 8, 3, 5]],
  [
    'values with counts',
    [datum({ Value: undefined, Values: [1, 4], Counts: [10, 2] })],
    [12, 18, 1, 4],
  ],
  ['values without counts', [datum({ Value: undefined, Values: [1, 4] })], [2, 5, 1, 4]],
  [
    'a statistic set',
    [
      datum({
        Value: undefined,
        StatisticValues: { SampleCount: 3, Sum: 6, Minimum: 1, Maximum: 3 },
      }),
    ],
    [3, 6, 1, 3],
  ],
])('%s become one statistic set', async (_what, data, expected) => {
  const [series] = await put(data);
  const statistics = series?.points.map((point) => Object.values(point.statistics));
  expect(statistics).toEqual([expected]);
});

test('minutes and units are stored separately, in order', async () => {
  const [series] = await put([
    datum({ Timestamp: new Date(now + minuteMs) }),
    datum(),
    datum({ Unit: 'Bytes' }),
  ]);
  expect(series?.points.map(({ startEpochMs, unit }) => [startEpochMs, unit])).toEqual([
    [now, 'Bytes'],
    [now, 'Count'],
    [now + minuteMs, 'Count'],
  ]);
});

test('a value without a timestamp has the current time', async () => {
  const [series] = await put([datum({ Timestamp: undefined })]);
  expect(series?.points[0]?.startEpochMs).toBe(now);
});

test('a body compressed by the SDK is read', async () => {
  const data = Array.from({ length: 1000 }, (_, i) => datum({ MetricName: `metric-${i}` }));
  expect(await put(data)).toHaveLength(1000);
});

test.each([
  ['NaN', datum({ Value: Number.NaN }), 'MetricData[0].Value: a value is a finite number'],
  ['an infinity', datum({ Value: Number.POSITIVE_INFINITY }), 'MetricData[0].Value: '],
  ['a value beyond 2^360', datum({ Value: 2 ** 361 }), 'MetricData[0].Value: '],
  ['no value', datum({ Value: undefined }), 'MetricData.0: exactly one of Value, Values'],
  ['two kinds of values', datum({ Values: [1] }), 'MetricData.0: exactly one of Value, Values'],
  ['151 values', datum({ Value: undefined, Values: Array(151).fill(1) }), 'MetricData[0].Values: '],
  [
    'counts that do not fit',
    datum({ Value: undefined, Values: [1], Counts: [1, 2] }),
    'MetricData.0.Counts: as many as Values, got 2 for 1',
  ],
  ['no name', datum({ MetricName: '' }), 'MetricData[0].MetricName: '],
  [
    '31 dimensions',
    datum({ Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `d${i}`, Value: 'x' })) }),
    'MetricData[0].Dimensions: ',
  ],
  [
    'a dimension that is not ASCII',
    datum({ Dimensions: [{ Name: 'Environment', Value: 'prød' }] }),
    'MetricData[0].Dimensions[0].Value: a dimension value contains printable ASCII only, got "prød"',
  ],
  [
    'a dimension of blanks',
    datum({ Dimensions: [{ Name: 'Environment', Value: ' ' }] }),
    'MetricData[0].Dimensions[0].Value: ',
  ],
  [
    'a dimension that starts with a colon',
    datum({ Dimensions: [{ Name: ':a', Value: 'x' }] }),
    'MetricData[0].Dimensions[0].Name: ',
  ],
  [
    'a time over two weeks old',
    datum({ Timestamp: new Date(now - 14 * 86_400_000 - 1000) }),
    'MetricData.0.Timestamp: must be from two weeks ago to two hours from now',
  ],
  [
    'a time over two hours ahead',
    datum({ Timestamp: new Date(now + 7_201_000) }),
    'MetricData.0.Timestamp: ',
  ],
  ['an unknown unit', datum({ Unit: 'Parsec' as never }), 'MetricData[0].Unit: '],
])('%s is refused by field and rule', async (_what, data, message) => {
  await expect(put([data])).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringContaining(message),
    $metadata: { httpStatusCode: 400 },
  });
});

test.each(['AWS/Lambda', ':x', ''])('the namespace %p is refused', async (namespace) => {
  await expect(put([datum()], namespace)).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  });
});

test('1001 values in one request are refused', async () => {
  await expect(put(Array(1001).fill(datum()))).rejects.toMatchObject({
    message: expect.stringMatching(/^MetricData: /),
  });
});

test('a request with one wrong value is refused completely', async () => {
  const started = await endpoints();
  const client = new CloudWatchClient(clientFor(started));
  const request = new PutMetricDataCommand({
    Namespace: 'MwaaPrivilegeMonitor',
    MetricData: [datum(), datum({ Values: [1] })],
  });
  await expect(client.send(request)).rejects.toThrow();
  expect(started.metrics.series()).toEqual([]);
});
