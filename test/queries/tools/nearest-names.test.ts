import { didYouMean, nearestNames } from '../../../queries/tools/nearest-names.ts';

test('the names with the fewest differences are meant', () => {
  expect(nearestNames('prod-eu', ['prod-us', 'prod-ea', 'staging'])).toEqual(['prod-ea']);
  expect(nearestNames('prod-ex', ['prod-eu', 'prod-ea'])).toEqual(['prod-eu', 'prod-ea']);
});

test('a name that differs in more than a third is not meant', () => {
  expect(nearestNames('prod', ['test', 'dev'])).toEqual([]);
  expect(didYouMean('prod', ['test', 'dev'])).toBe('');
});

test('a name that is known twice is suggested once', () => {
  expect(didYouMean('prod-airflw', ['prod-airflow', 'prod-airflow'])).toBe(
    ' (did you mean prod-airflow?)',
  );
});
