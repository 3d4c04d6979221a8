import { checkAccount, namedEnvironment } from '../../../cli/common/named-environment.ts';
import { environmentFromOptions } from '../../../infra/config/environment-config.ts';

function file(name: string, mwaaEnvironment: string, region?: string) {
  const { config } = environmentFromOptions({ mwaaEnvironment, email: 'none' });
  return { name, config: { ...config, ...(region !== undefined && { region }) } };
}

const europe = file('europe', 'prod-airflow', 'eu-west-1');
const america = file('america', 'prod-airflow', 'us-east-1');

test('a name without a file is the MWAA environment’s own name', () => {
  expect(namedEnvironment('prod-airflow', undefined, [])).toEqual({
    mwaaEnvironment: 'prod-airflow',
    file: undefined,
    config: undefined,
    otherNames: [],
  });
});

test.each(['prod-airflow', 'europe'])(
  'an environment is found by its MWAA name or its file’s name: %s',
  (name) => {
    expect(namedEnvironment(name, undefined, [europe])).toEqual({
      mwaaEnvironment: 'prod-airflow',
      file: 'europe',
      config: europe.config,
      otherNames: [],
    });
  },
);

test('a file for another Region than the given one is ignored', () => {
  expect(namedEnvironment('prod-airflow', 'us-east-1', [europe, america]).config).toBe(
    america.config,
  );
  expect(namedEnvironment('prod-airflow', 'ap-south-1', [europe]).config).toBeUndefined();
});

test('two files for one environment are distinguished by name or Region, never guessed', () => {
  expect(() => namedEnvironment('prod-airflow', undefined, [europe, america])).toThrow(
    '--env prod-airflow: environments/europe.yaml and environments/america.yaml both configure it; give the name of one of the files, or --region',
  );
  expect(namedEnvironment('america', undefined, [europe, america]).config).toBe(america.config);
});

test('of two files for one environment, the one with exactly that name wins', () => {
  const own = file('prod-airflow', 'prod-airflow', 'ap-south-1');

  expect(namedEnvironment('prod-airflow', undefined, [europe, own]).config).toBe(own.config);
});

test('a name that no file knows comes with those that may be meant', () => {
  expect(namedEnvironment('europa', undefined, [europe, america]).otherNames).toEqual([
    'prod-airflow',
    'europe',
    'america',
  ]);
});

test('an environment of another account than the file’s is refused', () => {
  const check = (account?: string) => () =>
    checkAccount(account, '111122223333', 'MWAA environment prod');
  expect(check()).not.toThrow();
  expect(check('111122223333')).not.toThrow();
  expect(check('444455556666')).toThrow(
    "these credentials are for account 111122223333, which has MWAA environment prod; the environment's file says account 444455556666",
  );
});
