import { ReportBuilder } from '../../../local/log-readers/report/report-builder.ts';
import type { JudgedFile } from '../../../local/log-threads/file-task.ts';
import { MergedFiles } from '../../../local/log-threads/merged-files.ts';

const file = (logGroup: string): JudgedFile => ({
  ...{ report: new ReportBuilder().list(), logGroups: [logGroup], counts: [] },
  ...{ firstEpochMs: 0, lastEpochMs: 0, lastIngestionEpochMs: 0, isSelfContained: true },
});

test('files are joined in their order, whichever is read first', () => {
  const joined: string[] = [];
  const merged = new MergedFiles(undefined, ({ logGroups }) => joined.push(...logGroups));
  for (const number of [2, 1, 4]) merged.put(number, file(`group-${number}`));
  expect(joined).toEqual([]);
  merged.put(0, file('group-0'));
  expect(joined).toEqual(['group-0', 'group-1', 'group-2']);
  merged.put(3, file('group-3'));
  expect(joined).toEqual([0, 1, 2, 3, 4].map((number) => `group-${number}`));
  expect([...merged.logs(0).logGroups]).toEqual(joined);
});
