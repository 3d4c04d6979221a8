import fc from 'fast-check';
import {
  airflowLink,
  insightsLink,
  insightsQueryLink,
  logGroupLink,
  logStreamLink,
  streamQuery,
} from '../../../lambda/findings/links.ts';
import { taskStream } from '../setup/sample-change.ts';

const place = {
  region: 'eu-west-1',
  logGroup: 'airflow-prod-Task',
  logStream: taskStream,
  firstEpochMs: 1795326600000,
  lastEpochMs: 1795326600000,
};

/** Decodes the fragment as the console's own code does. */
const decodedOnce = (url: string) =>
  decodeURIComponent(url.slice(url.indexOf('#') + 1).replaceAll('$', '%'));

describe('links to the log stream', () => {
  test('open the stream around the lines', () => {
    expect(logStreamLink(place)).toBe(
      'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/airflow-prod-Task/log-events/dag_id$253Dgrant_admin$252Frun_id$253Dscheduled__2026-11-22T05_44_00$252B00_00$252Ftask_id$253Dpromote$252Fattempt$253D1.log$3Fstart$3D1795326300000$26end$3D1795326900000',
    );
  });

  test.each([
    ['cn-north-1', 'https://cn-north-1.console.amazonaws.cn/'],
    ['us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
  ])('open the console of the partition of %s', (region, start) => {
    expect(logStreamLink({ ...place, region }).startsWith(start)).toBe(true);
    expect(insightsLink({ ...place, region }).startsWith(start)).toBe(true);
  });

  test("hold the stream's name, and nothing that ends a link in a mail", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (logStream) => {
        const link = logStreamLink({ ...place, logStream });
        expect(link).toMatch(/^[A-Za-z0-9:/.?=#$_-]+$/);
        const segment = /log-events\/(.*)\?start=/s.exec(decodedOnce(link))?.[1] ?? '';
        expect(decodeURIComponent(segment)).toBe(logStream.toWellFormed());
      }),
    );
  });
});

describe('links to Logs Insights', () => {
  test('hold the query, the log group and the times', () => {
    const details = decodeURIComponent(decodedOnce(insightsLink(place)));
    expect(details).toBe(
      "logsV2:logs-insights?queryDetail=~(end~'2026-11-22T05*3a55*3a00.000Z~start~'2026-11-22T05*3a45*3a00.000Z~timeType~'ABSOLUTE~tz~'UTC~editorString~'fields*20*40timestamp*2c*20*40message*0a*7c*20filter*20*40logStream*20*3d*20*22dag_id*3dgrant_admin*2frun_id*3dscheduled__2026-11-22T05_44_00*2b00_00*2ftask_id*3dpromote*2fattempt*3d1.log*22*0a*7c*20sort*20*40timestamp*20asc*0a*7c*20limit*201000~source~(~'airflow-prod-Task))",
    );
  });

  test('are encoded as the console encodes them', () => {
    expect(insightsLink(place)).toContain(
      '#logsV2:logs-insights$3FqueryDetail$3D$257E$2528end$257E$25272026-11-22T05*3a55*3a00.000Z$257Estart$257E',
    );
  });

  test("hold nothing that ends a link in a mail, whatever the stream's name", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (logStream) => {
        expect(insightsLink({ ...place, logStream })).toMatch(/^[A-Za-z0-9:/.?=#$*_-]+$/);
      }),
    );
  });

  test('a name with quotes cannot break out of its string in the query', () => {
    expect(streamQuery('dag_id=x" or 1=1 | limit 1 #/y')).toContain(
      '| filter @logStream like /^dag_id=x. or 1=1 . limit 1 .\\/y$/',
    );
  });
});

describe('links about whole log groups', () => {
  test('open the log group, in the console of its partition', () => {
    expect(logGroupLink('eu-west-1', 'airflow-prod-Task')).toBe(
      'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/airflow-prod-Task',
    );
    expect(logGroupLink('cn-north-1', 'a')).toMatch(
      /^https:\/\/cn-north-1\.console\.amazonaws\.cn\//,
    );
  });

  test('hold a query over all groups, for the time span with some minutes around it', () => {
    const link = insightsQueryLink(place, ['airflow-a/b-Task', 'airflow-prod-Worker'], 'limit 1');
    expect(decodeURIComponent(decodedOnce(link))).toBe(
      "logsV2:logs-insights?queryDetail=~(end~'2026-11-22T05*3a55*3a00.000Z~start~'2026-11-22T05*3a45*3a00.000Z~timeType~'ABSOLUTE~tz~'UTC~editorString~'limit*201~source~(~'airflow-a*2fb-Task~'airflow-prod-Worker))",
    );
  });

  test("hold nothing that ends a link in a mail, whatever the group's name", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (logGroup) => {
        const links =
          logGroupLink('eu-west-1', logGroup) + insightsQueryLink(place, [logGroup], 'q');
        expect(links).toMatch(/^[A-Za-z0-9:/.?=#$*_-]+$/);
      }),
    );
  });
});

describe('links to Airflow', () => {
  const actor = {
    dag: 'grant_admin',
    run: 'manual__2025-12-18T09_27_20.621130+00_00',
    task: 'p/q',
  };

  test('are absent if the web server or the DAG is not known', () => {
    expect(airflowLink(undefined, actor)).toBeUndefined();
    expect(airflowLink({ host: 'x' }, {})).toBeUndefined();
  });

  test("open the run and the task, with the colons of the run's id restored", () => {
    expect(airflowLink({ host: 'abc.c2.eu-west-1.airflow.amazonaws.com' }, actor)).toBe(
      'https://abc.c2.eu-west-1.airflow.amazonaws.com/dags/grant_admin/grid?dag_run_id=manual__2025-12-18T09%3A27%3A20.621130%2B00%3A00&task_id=p%2Fq',
    );
  });

  test('differ since Airflow 3', () => {
    expect(airflowLink({ host: 'h', version: '3.0.6' }, { ...actor, run: 'r' })).toBe(
      'https://h/dags/grant_admin/runs/r/tasks/p%2Fq',
    );
  });
});
