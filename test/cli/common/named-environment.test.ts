import { namedEnvironment } from '../../../cli/common/named-environment.ts';
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
  });
});

test.each(['prod-airflow', 'europe'])(
  'an environment is found by its MWAA name or its file’s name: %s',
  (name) => {
    expect(namedEnvironment(name, undefined, [europe])).toEqual({
      mwaaEnvironment: 'prod-airflow',
      file: 'europe',
      config: europe.config,
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
