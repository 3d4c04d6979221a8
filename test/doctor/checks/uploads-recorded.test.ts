import { writesRecorded } from '../../../doctor/checks/environment/uploads-recorded.ts';

const objects = 'arn:aws:s3:::dags/';
type Selectors = Parameters<typeof writesRecorded>[0];
const basic = (ReadWriteType: string, Values: string[], Type = 'AWS::S3::Object'): Selectors => ({
  EventSelectors: [{ ReadWriteType, DataResources: [{ Type, Values }] }],
});
const advanced = (
  ...more: { Field: string; [operator: string]: string | string[] }[]
): Selectors => ({
  AdvancedEventSelectors: [
    {
      FieldSelectors: [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
        ...more,
      ],
    },
  ],
});

test.each([
  ['all objects of the account', basic('All', ['arn:aws:s3'])],
  ['the writes of the bucket', basic('WriteOnly', [objects])],
  ['all data events of objects', advanced()],
  ['the writes of all objects', advanced({ Field: 'readOnly', Equals: ['false'] })],
  [
    'the bucket, by the start of its ARN',
    advanced({ Field: 'resources.ARN', StartsWith: [objects] }),
  ],
])('a trail records the uploads that records %s', (_, selectors) => {
  expect(writesRecorded(selectors, objects)).toBe('all');
});

test.each([
  ['no data events', { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] }],
  ['reads only', basic('ReadOnly', [objects])],
  ['another bucket', basic('All', ['arn:aws:s3:::dags-of-others/'])],
  ['Lambda functions', basic('All', ['arn:aws:lambda'], 'AWS::Lambda::Function')],
  ['reads only, by advanced selectors', advanced({ Field: 'readOnly', Equals: ['true'] })],
  ['some operations', advanced({ Field: 'eventName', Equals: ['DeleteObject'] })],
  ['everything but a bucket', advanced({ Field: 'resources.ARN', NotStartsWith: [objects] })],
])('a trail does not record the uploads that records %s', (_, selectors) => {
  expect(writesRecorded(selectors, objects)).toBe('none');
});

test('a trail that records a folder of the bucket records a part', () => {
  expect(writesRecorded(basic('All', [`${objects}plugins/`]), objects)).toBe('some');
});
