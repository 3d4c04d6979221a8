import type { DailyLogs } from '../../../cli/cost/daily-scan.ts';
import { monitorScan, separateScan } from '../../../cli/cost/daily-scan.ts';
import {
  alarmingDetections,
  type Bill,
  bills,
  breakEvenGb,
  isScan,
} from '../../../cli/cost/monthly-cost.ts';
import type { StackResources } from '../../../cli/cost/stack-resources.ts';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';

const detections = loadDetections();
const resources: StackResources = {
  metrics: [{ name: 'M', dimensions: ['Environment'], count: 3 }],
  alarms: [{ name: 'a', metric: 'M', count: 2 }],
  keys: 1,
  dashboards: 0,
  functionMegabytes: 512,
  functionArchitecture: 'arm64',
  witnessMegabytes: 512,
};

function billsOf(fields: object = {}, logs: DailyLogs = { gb: 50 }, scannedGbUsd = 0.005) {
  const config = environmentSchema.parse({ mwaaEnvironment: 'prod', ...fields });
  return bills({ config, logs, detections, resources, scannedGbUsd });
}

const usdOf = ({ lines }: Bill, what: string) => lines.find((line) => line.what === what)?.usd;

test('each byte is scanned four times, and of each query one second more at most', () => {
  const [monitor] = billsOf();
  // 288 queries of the documented query and of the scan, 24 of each sweep.
  expect(monitor.queriesPerDay).toBe(2 * 288 + 2 * 24);
  const gb = 50 * (4 + monitor.queriesPerDay / 86_400);
  expect(monitor.scannedGbPerDay.least).toBeCloseTo(gb, 9);
  expect(monitor.scannedGbPerDay.most).toBe(monitor.scannedGbPerDay.least);
  expect(usdOf(monitor, 'Logs Insights')?.most).toBeCloseTo(gb * 30 * 0.005, 9);
});

test('a second witness costs by its runs, and nothing where the file has none', () => {
  const [monitor] = billsOf({ witness: { airflowVersion: '2.10.3' } });
  const runs = (1440 / 15) * 30;
  expect(usdOf(monitor, 'second witness, GB-seconds')?.most).toBeCloseTo(
    runs * 0.5 * 10 * 0.0000133334,
    9,
  );
  expect(usdOf(monitor, 'second witness, runs')?.most).toBeCloseTo((runs * 0.2) / 1e6, 9);
  const [without] = billsOf();
  expect(without.lines.filter(({ what }) => what.startsWith('second witness'))).toEqual([]);
});

test('without a detection the documented query alone is asked', () => {
  const disable = detections.map(({ id }) => id).filter((id) => id !== 'add-role');
  const [monitor, logAlarms] = billsOf({ detections: { disable } });
  expect(monitor.queriesPerDay).toBe(288);
  expect(monitor.scannedGbPerDay.most).toBeCloseTo(50 * (1 + 288 / 86_400), 9);
  expect(logAlarms.queriesPerDay).toBe(288);
});

test.each([1, 5, 60, 1440])(
  'a scan every %d minutes reads the same, in its own number of queries',
  (everyMinutes) => {
    const scans = [
      ...monitorScan(environmentSchema.parse({ mwaaEnvironment: 'p', everyMinutes }), {
        gb: 1,
      }).values(),
    ];
    const [documented] = scans;
    // A slice is an hour long at most.
    expect(documented?.queries).toBe(Math.max(1440 / everyMinutes, 24));
    for (const { gb } of scans) expect(gb.most).toBeCloseTo(1, 1);
  },
);

test('a LogAlarm for each detection reads the log types of that detection, each byte once', () => {
  const readers = [{ logTypes: ['Task', 'Worker'] }, { logTypes: ['Task'] }] as const;
  const gbByType = { Task: 10, Worker: 4, Scheduler: 100, DAGProcessing: 0, WebServer: 0 };
  const { queries, gb } = separateScan(readers, { everyMinutes: 60 }, { gb: 114, gbByType });
  expect(queries).toBe(2 * 24);
  expect(gb.least).toBeCloseTo((2 * 10 + 4) * (3601 / 3600), 9);
  expect(gb.most).toBe(gb.least);
});

test('with the sum of the logs alone, the LogAlarms scan what any division of it scans', () => {
  const [, { scannedGbPerDay: bounds }] = billsOf();
  const divisions = [
    { Task: 50, Worker: 0, Scheduler: 0, DAGProcessing: 0, WebServer: 0 },
    { Task: 0, Worker: 0, Scheduler: 0, DAGProcessing: 0, WebServer: 50 },
    { Task: 10, Worker: 10, Scheduler: 10, DAGProcessing: 10, WebServer: 10 },
  ];
  const scanned = divisions.map(
    (gbByType) => billsOf({}, { gb: 50, gbByType })[1].scannedGbPerDay.most,
  );
  for (const gb of scanned) {
    expect(gb).toBeGreaterThanOrEqual(bounds.least);
    expect(gb).toBeLessThanOrEqual(bounds.most);
  }
  expect([Math.min(...scanned), Math.max(...scanned)]).toEqual([bounds.least, bounds.most]);
});

test('detections that are evidence alone, and disabled ones, would need no alarm', () => {
  const config = environmentSchema.parse({
    ...{ mwaaEnvironment: 'prod', detections: { disable: ['cli-role-granted'] } },
  });
  const ids = alarmingDetections(config, detections).map(({ id }) => id);
  expect(ids).toContain('add-role');
  expect(ids).not.toContain('cli-role-granted');
  const info = detections.filter(({ severity }) => severity === 'info');
  expect(info.length).toBeGreaterThan(0);
  for (const { id } of info) expect(ids).not.toContain(id);
  expect(ids).toHaveLength(detections.length - info.length - 1);
});

test('metrics and alarms cost by their number in the template', () => {
  const [monitor, , filters] = billsOf();
  expect(usdOf(monitor, 'custom metrics')?.most).toBeCloseTo(0.9, 9);
  expect(usdOf(monitor, 'alarms')?.most).toBeCloseTo(0.2, 9);
  expect(usdOf(monitor, 'dashboard')?.most).toBe(0);
  const config = environmentSchema.parse({ mwaaEnvironment: 'prod' });
  const many = alarmingDetections(config, detections).length;
  expect(filters.usd.most).toBeCloseTo(many * 0.4, 9);
});

test('a bill is the sum of its lines', () => {
  for (const { usd, lines } of billsOf()) {
    expect(usd.most).toBeCloseTo(
      lines.reduce((sum, line) => sum + line.quantity.most * line.price.usd, 0),
      9,
    );
  }
});

test('at the break-even both ways cost the same', () => {
  const costs = (gb: number) => billsOf({}, { gb });
  const [monitor, logAlarms] = costs(50);
  const even = breakEvenGb(monitor, logAlarms, 50);
  if (even === undefined) throw new Error('there is no break-even');
  const [atLeast, atMost] = [costs(even.least), costs(even.most)];
  expect(atLeast[1].usd.most).toBeCloseTo(atLeast[0].usd.most, 6);
  expect(atMost[1].usd.least).toBeCloseTo(atMost[0].usd.least, 6);
});

test('what does not grow with the logs costs the same for any logs', () => {
  const rest = (gb: number) => billsOf({}, { gb })[0].lines.filter((line) => !isScan(line));
  expect(rest(1)).toEqual(rest(1000));
});
