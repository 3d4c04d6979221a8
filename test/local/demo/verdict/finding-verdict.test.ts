import { logStreamLink } from '../../../../lambda/findings/links.ts';
import { ownRecord } from '../../../../lambda/findings/own-finding.ts';
import { digestOf, minimalMessage } from '../../../../lambda/messages/digest.ts';
import { type Notification, notificationOf } from '../../../../lambda/messages/notification.ts';
import type { Finding } from '../../../../lambda/model/finding.ts';
import { readFindingNotification } from '../../../../local/demo/run/live-through.ts';
import { placeKey, placesIn } from '../../../../local/demo/session/session.ts';
import { findingResults } from '../../../../local/demo/verdict/collect-result.ts';
import { findingDisagreements } from '../../../../local/demo/verdict/verdict.ts';
import { sampleFinding as published, sampleSender } from '../../../lambda/setup/sample-finding.ts';
import { sampleFinding, sampleGroup } from '../sample-result.ts';

const place = {
  ...{ region: 'us-east-1', logGroup: 'airflow-prod-Task', logStream: 's' },
  ...{ firstEpochMs: 0, lastEpochMs: 1 },
};
const base = sampleFinding();
const inInput = new Set(base.evidence.map(placeKey));

test('none when each is notified once, exists in the input, is counted, and its alarm fired', () => {
  expect(findingDisagreements([base], [sampleGroup()], inInput)).toEqual([]);
});

test('evidence missing from the input is reported by stream and time', () => {
  expect(findingDisagreements([base], [sampleGroup()], new Set())).toEqual([
    `finding ${base.id}: the input has no event of ${base.evidence[0]?.logStream} at ${base.firstSeen}`,
  ]);
});

describe('a finding that is notified twice', () => {
  const [told] = base.notifiedAs;
  const again = (severity: 'high' | 'critical', kind: 'finding' | 'update') =>
    findingDisagreements(
      [
        sampleFinding({
          notifiedAs:
            told === undefined
              ? []
              : [
                  { ...told, severity: 'high' },
                  { ...told, severity, kind },
                ],
        }),
      ],
      [sampleGroup()],
      inInput,
    );

  test('is correct as an update with a higher severity', () => {
    expect(again('critical', 'update')).toEqual([]);
  });

  test.each([
    ['as bad as before', 'high', 'update'],
    ['worse, but not called an update', 'critical', 'finding'],
  ] as const)('is wrong when it is %s', (_, severity, kind) => {
    expect(again(severity, kind)).toEqual([`finding ${base.id}: it was notified 2 times`]);
  });
});

test('a sum of PrivilegeChanges that differs from the notified findings is reported with both numbers', () => {
  expect(findingDisagreements([base], [sampleGroup({ sumOfChanges: 2 })], inInput)).toEqual([
    'airflow-Prod-Task: PrivilegeChanges adds up to 2, but findings notified: 1',
  ]);
});

test('changes without an alarm, and an alarm without changes, are wrong', () => {
  const { changesAlarmedEpochMs: alarmed, ...silent } = sampleGroup();
  expect(findingDisagreements([base], [silent], inInput)).toEqual([
    'airflow-Prod-Task: its alarm on privilege changes did not go to ALARM, with 1 of them',
  ]);
  const quiet = { ...silent, findings: 0, sumOfChanges: 0 };
  expect(findingDisagreements([], [quiet], inInput)).toEqual([]);
  const rang = { ...quiet, ...(alarmed !== undefined && { changesAlarmedEpochMs: alarmed }) };
  expect(findingDisagreements([], [rang], inInput)).toEqual([
    'airflow-Prod-Task: its alarm on privilege changes went to ALARM, with 0 of them',
  ]);
});

test('only places that events have are found in the input', async () => {
  const event = { logGroup: 'g', logStream: 's', timestamp: 1000, message: '' };
  async function* events() {
    yield event;
  }
  const missing = placeKey({ ...event, timestamp: 1001 });
  const places = new Set([placeKey(event), missing]);
  expect(await placesIn(events(), places)).toEqual(new Set([placeKey(event)]));
});

describe('findingResults', () => {
  const told = (notification: Notification, atEpochMs: number) =>
    readFindingNotification({
      topicArn: 'arn',
      subject: notification.Subject,
      message: notification.Message,
      messageByProtocol: JSON.parse(notification.Message),
      attributes: {},
      messageId: 'id',
      publishedEpochMs: atEpochMs,
    });
  const mild: Finding = { ...published, severity: 'medium' };

  test('combine an update with its finding, in its latest state', () => {
    const results = findingResults([
      told(notificationOf(mild, sampleSender), 1),
      told(notificationOf(published, sampleSender, { update: true }), 2),
    ]);
    expect(results).toMatchObject([
      {
        id: published.id,
        severity: 'critical',
        notifiedEpochMs: 1,
        logGroup: 'airflow-prod-Task',
        notifiedAs: [{ kind: 'finding' }, { kind: 'update' }],
      },
    ]);
  });

  test('separate findings about the monitor itself from privilege changes, also in a digest', () => {
    const own = ownRecord(
      {
        detection: 'coverage-changed',
        identity: ['x'],
        severity: 'high',
        title: 'log group airflow-prod-Task is blind',
        logGroups: ['airflow-prod-Task'],
        startEpochMs: 0,
        endEpochMs: 1,
      },
      { environment: 'prod', region: 'us-east-1', tickEpochMs: 1 },
    ).finding;
    const link = { links: { ...published.links, logStream: logStreamLink(place) } };
    for (const notification of [
      [notificationOf(own, sampleSender), notificationOf({ ...published, ...link }, sampleSender)],
      [digestOf([own, { ...published, ...link }], { sender: sampleSender }).notification],
    ]) {
      const results = findingResults(notification.map((one) => told(one, 1)));
      expect(new Map(results.map(({ id, isOwn }) => [id, isOwn]))).toEqual(
        new Map([
          [own.id, true],
          [published.id, false],
        ]),
      );
    }
  });

  test('include a finding of which only the id was sent', () => {
    const results = findingResults([
      told(minimalMessage([published], sampleSender).notification, 1),
    ]);
    expect(results).toMatchObject([{ id: published.id, notifiedAs: [{ kind: 'minimal' }] }]);
  });

  test('extract each finding of a digest, with its log group', () => {
    const link = 'https://example.com/#logsV2:log-groups/log-group/airflow-prod-Task/log-events/s';
    const others = ['a', 'b'].map((letter) => ({
      ...published,
      id: letter.repeat(32),
      links: { ...published.links, logStream: link },
    }));
    const results = findingResults([
      told(digestOf(others, { sender: sampleSender }).notification, 1),
    ]);
    expect(results.map(({ id, logGroup }) => [id, logGroup])).toEqual([
      ['a'.repeat(32), 'airflow-prod-Task'],
      ['b'.repeat(32), 'airflow-prod-Task'],
    ]);
  });
});
