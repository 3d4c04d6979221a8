import { commandLine } from '../../../cli/command-line.ts';
import { runInProcess } from '../run-in-process.ts';

const run = async (...args: string[]) => runInProcess(await commandLine(), ['cost', ...args]);
const ofProd = ['--env', 'prod-airflow', '--gb-per-day', '50'];

test('--json has the three bills, and what they are computed from', async () => {
  const { exitCode, stdout, stderr } = await run(...ofProd, '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const estimate = JSON.parse(stdout);
  expect(estimate).toMatchObject({
    ...{ schema: 1, environment: 'prod-airflow', everyMinutes: 5, gbPerDay: { gb: 50 } },
    scanPriceOf: 'us-east-1',
  });
  expect(estimate.bills.map(({ way }: { way: string }) => way)).toEqual([
    ...['monitor', 'log-alarms', 'metric-filters'],
  ]);
  expect(estimate.bills[0].lines[0]).toMatchObject({
    what: 'Logs Insights',
    price: { usd: 0.005, source: 'https://aws.amazon.com/cloudwatch/pricing/' },
  });
});

test('the text compares the ways, and says what is left out', async () => {
  const { exitCode, stdout } = await run(...ofProd);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^MWAA environment prod-airflow with the default settings: 50 GB/);
  for (const text of [
    'this monitor',
    'one LogAlarm a detection',
    'metric filters',
    'DailyBytesScanned',
  ]) {
    expect(stdout).toContain(text);
  }
  expect(stdout).toMatch(/These are the prices of us-east-1; others differ: give --region/);
  expect(stdout).toMatch(/Free tiers, discounts and taxes are left out/);
  expect(stdout).not.toMatch(/would ring on every day/);
});

test('an estimate above scannedGbPerDayMax says so, with a number that fits', async () => {
  const { stdout } = await run('--env', 'prod-airflow', '--gb-per-day', '300');
  expect(stdout).toMatch(
    /The alarm daily-bytes would ring on every day: scannedGbPerDayMax is 1000\. Set it to 1804,/,
  );
});

test('another Region has its own price of Logs Insights', async () => {
  const { stdout } = await run(...ofProd, '--region', 'eu-west-1', '--json');
  const { bills, notes, scanPriceOf } = JSON.parse(stdout);
  expect(bills[0].lines[0].price.usd).toBe(0.0057);
  expect(scanPriceOf).toBe('eu-west-1');
  expect(notes.join('\n')).toContain('The price of Logs Insights is that of eu-west-1;');
});

test('--price-per-gb replaces the price of Logs Insights', async () => {
  const { stdout } = await run(
    ...ofProd,
    '--region',
    'eu-north-1',
    '--price-per-gb',
    '0.01',
    '--json',
  );
  expect(JSON.parse(stdout).bills[0].lines[0].price.usd).toBe(0.01);
});

test.each([
  [
    'a Region without a price',
    [...ofProd, '--region', 'eu-north-1'],
    /^error: --region: the price of Logs Insights in eu-north-1 is not known here \(us-east-1, .* are\): give --price-per-gb/,
  ],
  ['no amount', ['--env', 'prod'], /^error: required option '--gb-per-day <number>' not specified/],
  [
    'an amount of 0',
    ['--env', 'prod', '--gb-per-day', '0'],
    /'0' is invalid\. It must be more than 0 GB/,
  ],
  [
    'too much',
    ['--env', 'prod', '--gb-per-day', '1e9'],
    /'1e9' is invalid\. It must be a number of GB a day/,
  ],
  [
    'a negative amount',
    ['--env', 'prod', '--gb-per-day=-5'],
    /'-5' is invalid\. It must be a number/,
  ],
  [
    'an unknown log type',
    ['--env', 'prod', '--gb-per-day', 'Triggerer=4'],
    /It must name log types, such as Task=40,Scheduler=8 \(one of DAGProcessing, .*\), got "Triggerer=4"/,
  ],
  [
    'a log type twice',
    ['--env', 'prod', '--gb-per-day', 'Task=4,Task=5'],
    /It must name Task once/,
  ],
  [
    'a name that MWAA refuses',
    ['--env', '9lives', '--gb-per-day', '5'],
    /^error: --env: must begin/,
  ],
])('exit code 2 and one clear error for %s', async (_, args, message) => {
  const { exitCode, stdout, stderr } = await run(...args);
  expect(stderr).toMatch(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
});
