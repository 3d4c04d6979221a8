import fc from 'fast-check';
import { decideState, type Reading } from '../../../local/alarms/alarm-evaluator.ts';
import type { MissingDataTreatment } from '../../../local/alarms/metric-alarm.ts';

const kept = undefined;
const gone = 'INSUFFICIENT_DATA';

/** AWS writes the newest period last: `0` within the threshold, `X` breaching, `-` missing. */
function rangeOf(pattern: string): Reading[] {
  const readings: Record<string, Reading> = { '0': 'notBreaching', X: 'breaching' };
  return pattern
    .split(' ')
    .map((sign) => readings[sign])
    .reverse();
}

const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

function statesOf(pattern: string, datapointsToAlarm: number) {
  return treatments.map(
    (treatMissingData) =>
      decideState(rangeOf(pattern), { evaluationPeriods: 3, datapointsToAlarm, treatMissingData })
        .state,
  );
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
describe('the documented table for 3 out of 3: missing, ignore, breaching, notBreaching', () => {
  test.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', [gone, kept, 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', kept, 'ALARM', 'OK']],
  ])('%s', (pattern, expected) => {
    expect(statesOf(pattern, 3)).toEqual(expected);
  });
});

describe('the documented table for 2 out of 3: missing, ignore, breaching, notBreaching', () => {
  test.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', kept, 'ALARM', 'OK']],
  ])('%s', (pattern, expected) => {
    expect(statesOf(pattern, 2)).toEqual(expected);
  });
});

test.each(['- - - - X', '- - - X -'])(
  'the documented premature pattern %s does not alarm yet at 3 out of 3',
  (pattern) => {
    expect(statesOf(pattern, 3).slice(0, 2)).toEqual([kept, kept]);
  },
);

test('values beyond the newest N do not count when there are N', () => {
  expect(statesOf('X X 0 0 0', 1)).toEqual(['OK', 'OK', 'OK', 'OK']);
});

const anyRange = fc.array(fc.constantFrom<Reading>('breaching', 'notBreaching', undefined), {
  minLength: 5,
  maxLength: 5,
});
const anyTreatment = fc.constantFrom<MissingDataTreatment>(...treatments);
const anyM = fc.integer({ min: 1, max: 3 });

test('the treatment of missing data does not matter when there are N values', () => {
  fc.assert(
    fc.property(anyRange, anyM, anyTreatment, anyTreatment, (range, datapointsToAlarm, a, b) => {
      fc.pre(range.filter((reading) => reading !== undefined).length >= 3);
      const rule = { evaluationPeriods: 3, datapointsToAlarm };
      expect(decideState(range, { ...rule, treatMissingData: a })).toEqual(
        decideState(range, { ...rule, treatMissingData: b }),
      );
    }),
  );
});

test('an alarm with a smaller M fires whenever the one with the larger M does', () => {
  fc.assert(
    fc.property(anyRange, anyTreatment, (range, treatMissingData) => {
      const [one, two, three] = [1, 2, 3].map(
        (datapointsToAlarm) =>
          decideState(range, { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }).state,
      );
      if (three === 'ALARM') expect(two).toBe('ALARM');
      if (two === 'ALARM') expect(one).toBe('ALARM');
    }),
  );
});
