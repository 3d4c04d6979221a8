import { redactSecrets } from '../../../../lambda/redact/redact.ts';
import { SecretWatch } from '../../../../local/demo/session/session.ts';
import { growth, linearGrowth } from '../../../counted-steps.ts';
import {
  readLabelledSession,
  sessionVersions,
} from '../../../fixtures/sessions/labelled-session.ts';

function learnt(...messages: string[]): SecretWatch {
  const watch = new SecretWatch();
  for (const message of messages) watch.learn(message);
  return watch;
}

test.each([
  ["airflow users create -u eve -p Fake-pw-1 -r Op'", 'Fake-pw-1'],
  ['airflow users create --password=Fake-pw-2', 'Fake-pw-2'],
  [String.raw`airflow users reset-password -u bob -p \"Fake-pw-3\"`, 'Fake-pw-3'],
  ["flask fab create-admin --password 'Fake-pw-4'", 'Fake-pw-4'],
])('the password in %p is known', (message, secret) => {
  expect([...learnt(message).secrets]).toEqual([secret]);
});

test.each(['mkdir -p some/long/directory', 'airflow users create -p $PASSWORD', 'psql -p 5432'])(
  '%p contains no password',
  (message) => expect([...learnt(message).secrets]).toEqual([]),
);

test('a place with a password is reported once, without the password', () => {
  const watch = learnt('airflow users create -p Fake-pw-1');
  watch.look('the log', 'x Fake-pw-1 x');
  watch.look('the log', 'Fake-pw-1');
  watch.look('a mail', 'nothing');
  expect(watch.leaks).toEqual(['the log']);
});

test('the work grows linearly with the length of a hostile line', () => {
  const learning = (size: number) => {
    const line = 'users create '.repeat(size);
    return () => void learnt(line);
  };
  expect(growth(learning, 1000)).toBeLessThan(linearGrowth);
});

test.each(sessionVersions)('it knows the passwords of the session of Airflow %s', (version) => {
  const messages = readLabelledSession(version).events.map(({ message }) => message);
  const watch = learnt(...messages);
  const fakes = new Set(messages.join('\n').match(/Fake-pw[\w-]+/g));
  expect(fakes.size).toBeGreaterThan(1);
  expect([...fakes].filter((secret) => !watch.secrets.has(secret))).toEqual([]);
  for (const message of messages) watch.look('redacted', redactSecrets(message));
  expect(watch.leaks).toEqual([]);
});
