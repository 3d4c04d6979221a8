import { namedEnvironment } from '../../cli/named-environment.ts';
import { environmentFromOptions } from '../../infra/environment-config.ts';

function file(name: string, mwaaEnvironment: string, region?: string) {
  const { config } = environmentFromOptions({ mwaaEnvironment });
  return { name, config: { ...config, ...(region !== undefined && { region }) } };
}

const europe = file('europe', 'prod-airflow', 'eu-west-1');
const america = file('america', 'prod-airflow', 'us-east-1');

test('a name that no file knows is that of the MWAA environment', () => {
  expect(namedEnvironment('prod-airflow', undefined, [])).toEqual({
    mwaaEnvironment: 'prod-airflow',
    config: undefined,
  });
});

test.each(['prod-airflow', 'europe'])(
  'an environment is named by MWAA’s name or by its file’s: %s',
  (name) => {
    expect(namedEnvironment(name, undefined, [europe])).toEqual({
      mwaaEnvironment: 'prod-airflow',
      config: europe.config,
    });
  },
);

test('a file of another Region than the one asked for is not meant', () => {
  expect(namedEnvironment('prod-airflow', 'us-east-1', [europe, america]).config).toBe(
    america.config,
  );
  expect(namedEnvironment('prod-airflow', 'ap-south-1', [europe]).config).toBeUndefined();
});

test('two files that describe it are told apart by name or Region, and never guessed', () => {
  expect(() => namedEnvironment('prod-airflow', undefined, [europe, america])).toThrow(
    '--env prod-airflow: environments/europe.yaml and environments/america.yaml describe it; give the name of one of the files, or --region',
  );
  expect(namedEnvironment('america', undefined, [europe, america]).config).toBe(america.config);
});

test('of two files that describe it, the one of that very name is meant', () => {
  const own = file('prod-airflow', 'prod-airflow', 'ap-south-1');

  expect(namedEnvironment('prod-airflow', undefined, [europe, own]).config).toBe(own.config);
});
