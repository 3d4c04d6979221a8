import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { environmentSchema } from '../../infra/config/environment-config.ts';
import { schemaComment } from '../../infra/config/environment-json-schema.ts';
import { checkInput, checkYaml } from '../../queries/tools/checked-yaml.ts';

/** What `init` writes of an environment; everything else has its default. */
export interface EnvironmentAnswers {
  readonly mwaaEnvironment: string;
  /** 12 digits. */
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  /** Addresses that get alarms and findings; empty for nobody. */
  readonly emails: readonly string[];
  /** A key of another account that encrypts the log groups. */
  readonly logsKmsKeyArn?: string | undefined;
}

const optionOf: Readonly<Record<string, string>> = {
  mwaaEnvironment: '--env',
  notify: '--email',
};

/**
 * Checks answers as the synthesis would.
 *
 * @param placeOf names a field in an error; by default as the option that gives it
 * @throws InputError naming option, rule and value
 */
export function checkAnswers(
  answers: EnvironmentAnswers,
  placeOf: (field: string) => string = (field) => optionOf[field] ?? `--${field}`,
): void {
  checkInput(environmentSchema, fieldsOf(answers), ([field]) => placeOf(String(field)));
}

function fieldsOf({ mwaaEnvironment, account, region, emails, logsKmsKeyArn }: EnvironmentAnswers) {
  return {
    mwaaEnvironment,
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
    ...(logsKmsKeyArn !== undefined && { logsKmsKeyArn }),
    notify: { email: [...emails] },
  };
}

/**
 * The text of an environment's file.
 *
 * @param shownPath the file, for errors
 * @throws InputError naming field, rule and value if the synthesis would refuse it
 */
export function environmentFileText(answers: EnvironmentAnswers, shownPath: string): string {
  const text = [
    schemaComment,
    '# docs/environments/full.yaml explains every other field and shows its default.',
    '',
    stringify(fieldsOf(answers), { singleQuote: true, lineWidth: 0 }),
  ].join('\n');
  checkYaml(text, shownPath, environmentSchema);
  return text;
}

/**
 * Writes a file in one step: who reads the folder meanwhile sees all of it or nothing.
 *
 * @returns false if there is such a file and it may not be replaced
 */
export function writeWhole(
  folder: string,
  file: string,
  text: string,
  { mayReplace }: { readonly mayReplace: boolean },
): boolean {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, file);
  const unfinished = join(folder, `.${file}.${process.pid}.unfinished`);
  try {
    writeFileSync(unfinished, text, { flag: 'wx' });
    if (mayReplace) renameSync(unfinished, path);
    // Unlike a rename, a link fails if somebody has written the file since we looked.
    else linkSync(unfinished, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && !mayReplace) return false;
    throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
}
