import { examine } from '../../../../doctor/examine.ts';
import { defaultExpectations } from '../../../../doctor/facts/facts.ts';
import { fixture } from '../../../../doctor/fixtures/fixtures.ts';
import { known } from '../../../../doctor/shapes/log-shapes.ts';
import type { Observed } from '../../../../doctor/shapes/observation.ts';
import { monitorKeyStatements } from '../../../../infra/config/key-policy.ts';
import { everyPart, namesFor } from '../../../../infra/naming/names.ts';

const place = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const kmsKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-0000000000ff';

const account = {
  Sid: 'EnableIamPolicies',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: 'kms:*',
  Resource: '*',
};
const complete = [
  account,
  ...monitorKeyStatements(place, namesFor('prod-airflow', everyPart), { isShared: true }),
];

/** An environment that has a key with these statements, and whether its monitor is deployed. */
function observedWith(statements: readonly object[], isDeployed: boolean): Observed {
  const observed = fixture(isDeployed ? 'healthy' : 'not-monitored');
  if (observed === undefined) throw new Error('there is no such fixture');
  const policy = known(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  const metadata = known({ Arn: kmsKeyArn, KeyState: 'Enabled', KeyManager: 'CUSTOMER' });
  return { ...observed, keys: { ...observed.keys, [kmsKeyArn]: { metadata, policy } } };
}

function checked(observed: Observed) {
  const { checks } = examine(observed, {
    ...defaultExpectations,
    kmsKeyArn,
    hasWitness: true,
  });
  return checks.find(({ id }) => id === 'monitor-key');
}

test('what the synthesis prints is what the doctor asks of the key, before the first deployment', () => {
  expect(checked(observedWith(complete, false))?.result).toBe('pass');
});

test.each(complete.map(({ Sid }) => [Sid]))(
  'a key without %s is found before the first deployment, with the statement to add',
  (sid) => {
    const left = complete.filter(({ Sid }) => Sid !== sid);
    const { result, fixes } = checked(observedWith(left, false)) ?? {};
    expect(result).toBe('fail');
    const added = sid === account.Sid ? 'LetIamPoliciesCount' : sid;
    expect(JSON.stringify(fixes)).toContain(added);
    expect(JSON.stringify(fixes)).toContain(`--key-id ${kmsKeyArn}`);
  },
);

test('topics with another key than the file names are warned of', () => {
  const { result, evidence = [], fixes } = checked(observedWith(complete, true)) ?? {};
  expect(result).toBe('warn');
  expect(evidence.join('\n')).toContain('not with kmsKeyArn');
  expect(JSON.stringify(fixes)).toContain('docs/operate/own-key.md');
});

test('a key that cannot be read is unknown', () => {
  const { [kmsKeyArn]: _, ...keys } = observedWith(complete, false).keys;
  expect(checked({ ...observedWith(complete, false), keys })?.result).toBe('unknown');
});
