import type { JudgeSettings } from './file-task.ts';
import { FileJudge } from './judge-file.ts';
import { NeededFile } from './needed-file.ts';

/** Judges the events of files, or keeps what a query needs of them. */
export type FileReader = Pick<FileJudge, 'judge'>;

export function fileReaderOf(settings: JudgeSettings): FileReader {
  const { query } = settings;
  return query === undefined ? new FileJudge(settings) : new NeededFile(settings, query);
}
