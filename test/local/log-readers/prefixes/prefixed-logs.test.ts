import { describeProblems } from '../../../../local/log-readers/report/read-report.ts';
import { LogFolder, readAll } from '../log-folder.ts';

/** What one program wrote: the second line has no time of its own, the third has. */
const lines = [
  '[2026-11-22T05:49:59.120+0000] {scheduler_job_runner.py:950} INFO - Starting the scheduler',
  'Traceback: User "bob"',
  '[2026-11-22T05:50:01.000+0000] {manager.py:1} INFO - done | 2 [pod/x] stdout F y',
] as const;
const times = [
  '2026-11-22T05:49:59.120Z',
  '2026-11-22T05:50:00.500Z',
  '2026-11-22T05:50:01.000Z',
] as const;
const nano = (index: number) => times[index]?.replace('Z', '456789Z') ?? '';

/** Name, a line with its prefix, whether the prefix has a time, and the log type that it shows. */
const forms: readonly (readonly [
  string,
  (line: string, index: number) => string,
  boolean,
  string,
])[] = [
  ['containerd', (line, i) => `${nano(i)} stdout F ${line}`, true, 'Unknown'],
  [
    'containerd with an offset',
    (line, i) => `${nano(i).replace('Z', '+00:00')} stderr F ${line}`,
    true,
    'Unknown',
  ],
  ['docker logs -t', (line, i) => `${nano(i)} ${line}`, true, 'Unknown'],
  [
    "docker's files",
    (line, i) => JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: nano(i) }),
    true,
    'Unknown',
  ],
  [
    'Fluent Bit',
    (line, i) =>
      JSON.stringify({
        log: line,
        stream: 'stdout',
        time: nano(i),
        kubernetes: { pod_name: 'airflow-scheduler-0', container_name: 'scheduler' },
      }),
    true,
    'Scheduler',
  ],
  ['docker compose', (line) => `airflow-scheduler-1  | ${line}`, false, 'Scheduler'],
  [
    'docker compose in colour',
    (line) => `\u001b[36mproject_scheduler_1  |\u001b[0m ${line}`,
    false,
    'Scheduler',
  ],
  ['docker compose -t', (line, i) => `scheduler-1  | ${nano(i)} ${line}`, true, 'Scheduler'],
  ['airflow standalone', (line) => `scheduler  | ${line}`, false, 'Scheduler'],
  ['kubectl --timestamps', (line, i) => `${nano(i)} ${line}`, true, 'Unknown'],
  [
    'kubectl --prefix',
    (line) => `[pod/airflow-scheduler-6c9f-x2v/scheduler] ${line}`,
    false,
    'Scheduler',
  ],
  [
    'kubectl --prefix --timestamps',
    (line, i) => `[pod/prod-scheduler-0/base] ${nano(i)} ${line}`,
    true,
    'Scheduler',
  ],
  [
    'stern -t',
    (line, i) => `airflow-scheduler-6c9f-x2v scheduler ${nano(i)} ${line}`,
    true,
    'Scheduler',
  ],
  [
    'stern as JSON',
    (line) =>
      JSON.stringify({
        message: line,
        nodeName: 'n',
        namespace: 'airflow',
        podName: 'airflow-0',
        containerName: 'scheduler',
      }),
    false,
    'Scheduler',
  ],
  [
    'syslog',
    (line) => `Nov 22 05:49:59 ip-10-0-0-1 airflow-scheduler[12]: ${line}`,
    false,
    'Scheduler',
  ],
  [
    'syslog with ISO times',
    (line, i) => `${nano(i)} ip-10-0-0-1 airflow-scheduler[12]: ${line}`,
    true,
    'Scheduler',
  ],
  [
    'journald',
    (line, i) =>
      JSON.stringify({
        __REALTIME_TIMESTAMP: `${Date.parse(times[i] ?? '')}000`,
        _SYSTEMD_UNIT: 'airflow-scheduler.service',
        MESSAGE: line,
      }),
    true,
    'Scheduler',
  ],
];

let folder: LogFolder;
beforeEach(() => {
  folder = new LogFolder();
});
afterEach(() => {
  folder.remove();
});

test.each(forms)(
  '%s: lines are read without the prefix, at their own time or its',
  async (_, form, hasTime, logType) => {
    const text = lines.map((line, index) => form(line, index)).join('\n');
    const { events, report } = await readAll(folder.write('x.log', `${text}\n`));
    expect(describeProblems(report)).toEqual([]);
    expect(new Set(events.map(({ logGroup }) => logGroup))).toEqual(
      new Set([`airflow-local-${logType}`]),
    );
    expect(report.unknownTypes).toHaveLength(logType === 'Unknown' ? 1 : 0);
    // Lines of a service are events each; where the type is not known, one without a stamp continues.
    const expected = logType === 'Unknown' ? [`${lines[0]}\n${lines[1]}`, lines[2]] : lines;
    expect(events.map(({ message }) => message)).toEqual(expected);
    const ofSecond = hasTime ? times[1] : times[0];
    const at = logType === 'Unknown' ? [times[0], times[2]] : [times[0], ofSecond, times[2]];
    expect(events.map(({ timestamp }) => new Date(timestamp).toISOString())).toEqual(at);
  },
);

test('stern without times: lines without a stamp belong to the line before', async () => {
  const text = lines
    .map((line) => `+ airflow-webserver-0 › webserver\nairflow-webserver-0 webserver ${line}\n`)
    .join('');
  const { events } = await readAll(folder.write('x.log', text));
  expect(events.map(({ message }) => message)).toContain(lines[2]);
  expect(events.at(-1)).toMatchObject({
    logGroup: 'airflow-local-WebServer',
    logStream: 'airflow-webserver-0/webserver',
  });
});

test('each program of a common log has its own stream and its own records', async () => {
  const task = '[2026-11-22T05:50:00.000+0000] {a.py:1} INFO - first';
  const request =
    '10.0.13.5 - admin [22/Nov/2026:05:50:10 +0000] "POST /users/edit/6 HTTP/1.1" 302 249 "-" "x"';
  const text = [
    `other-1      | ${task}`,
    `webserver-1  | ${request}`,
    'other-1      | continued',
    `webserver-1  | ${request}`,
  ].join('\n');
  const { events } = await readAll(folder.write('compose.log', text));
  const by = (stream: string) => events.filter(({ logStream }) => logStream === stream);
  expect(by('other-1').map(({ message }) => message)).toEqual([`${task}\ncontinued`]);
  expect(by('webserver-1').map(({ logGroup, message }) => [logGroup, message])).toEqual([
    ['airflow-local-WebServer', request],
    ['airflow-local-WebServer', request],
  ]);
});

test('the parts of a line that a container runtime cut are joined', async () => {
  const [first = ''] = lines;
  const cri = [
    `${nano(0)} stdout P ${first.slice(0, 40)}`,
    `${nano(0)} stdout P ${first.slice(40, 60)}`,
    `${nano(0)} stdout F ${first.slice(60)}`,
  ].join('\n');
  const docker = [first.slice(0, 40), `${first.slice(40)}\n`]
    .map((log) => JSON.stringify({ log, stream: 'stdout', time: nano(0) }))
    .join('\n');
  for (const [name, text] of [
    ['cri.log', cri],
    ['docker.log', docker],
  ] as const) {
    const { events } = await readAll(folder.write(name, text));
    expect(events.map(({ message }) => message)).toEqual([first]);
  }
});

test('what a program prints before its first line with a prefix is read, too', async () => {
  const text = `Attaching to scheduler-1\nscheduler-1  | ${lines[0]}\n`;
  const { events } = await readAll(folder.write('x.log', text));
  expect(events.map(({ message }) => message)).toEqual(['Attaching to scheduler-1', lines[0]]);
});

test('the path shows more than a prefix: a task cannot write itself into another group', async () => {
  const text = lines.map((line) => `webserver  | ${line}`).join('\n');
  const task = 'dag_id=a/run_id=b/task_id=c/attempt=1.log';
  folder.write(task, text);
  const { events } = await readAll(folder.path);
  expect(new Set(events.map(({ logGroup }) => logGroup))).toEqual(new Set(['airflow-local-Task']));
});

test('lines that look like a prefix do not make an Airflow log another one', async () => {
  const text = `${lines[0]}\n${'webserver  | x\n'.repeat(200)}${lines[2]}\n`;
  const { events } = await readAll(folder.write('scheduler.log', text));
  expect(events[0]?.message).toBe(lines[0]);
  expect(events[1]?.message).toBe('webserver  | x');
});

test('a file whose log type is not known is refused where that is asked', async () => {
  const path = folder.write('x.log', lines.map((line) => `other-1  | ${line}`).join('\n'));
  await expect(readAll(path, { unknownTypes: 'refuse' })).rejects.toThrow('--log-type');
});
