import { environmentFiles, readEnvironments } from '../../infra/config/chosen-environments.ts';
import {
  fileNameProblem,
  type MonitoredEnvironment,
} from '../../infra/config/environment-config.ts';
import { InputError } from '../../queries/tools/checked-yaml.ts';
import { environmentFolder } from '../common/named-environment.ts';
import { UserError } from '../common/output.ts';
import { standardTerminal, type Terminal, withTerminal } from '../common/terminal.ts';
import { chooseFile, hasSameStack } from './choose-file.ts';
import {
  checkAnswers,
  type EnvironmentAnswers,
  environmentFileText,
  writeWhole,
} from './environment-file.ts';
import { nextCommands } from './next-commands.ts';

export interface InitGiven {
  readonly env?: string | undefined;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  /** Addresses joined by commas, or `none`. */
  readonly email?: string | undefined;
  /** The file's name without `.yaml`. @default by the environment's name */
  readonly file?: string | undefined;
  readonly force: boolean;
}

/**
 * Writes the file of one environment, and prints what to run next.
 *
 * @throws UserError, InputError for bad input, and if there is such a file
 */
export async function showInit(
  given: InitGiven,
  {
    folder = environmentFolder,
    terminal = standardTerminal,
  }: { readonly folder?: string; readonly terminal?: Terminal } = {},
): Promise<void> {
  const answers = await answersOf(given, terminal);
  checkAnswers(answers);
  const name = nameOf(given, answers, folder);
  const file = `${name}.yaml`;
  const shownPath = `environments/${file}`;
  const text = environmentFileText(answers, shownPath);
  if (!writeWhole(folder, file, text, { mayReplace: given.force })) {
    throw new UserError(`there is ${shownPath}: give --force to replace it, or another --file`);
  }
  console.log(`wrote ${shownPath}`);
  for (const line of nextCommands(name)) console.log(line);
}

/** The file's name. @throws UserError if another file describes the environment, or has its stack */
function nameOf({ file, force }: InitGiven, answers: EnvironmentAnswers, folder: string): string {
  const wanted = file ?? answers.mwaaEnvironment.replaceAll('_', '-');
  const problem = fileNameProblem(wanted);
  if (problem !== undefined) throw new UserError(`--file: ${problem} (got "${wanted}")`);
  if (environmentFiles(folder).includes(`${wanted}.yml`)) {
    throw new UserError(`there is environments/${wanted}.yml: give another --file`);
  }
  // A file that is replaced may be broken.
  const others = readEnvironments(
    folder,
    force ? (other) => other !== `${wanted}.yaml` : undefined,
  );
  const chosen = chooseFile(answers, others);
  if (chosen.kind === 'described' && !(chosen.name === wanted)) {
    throw new UserError(
      `environments/${chosen.name}.yaml describes ${answers.mwaaEnvironment} already`,
    );
  }
  const clash = others.find((other) => other.name !== wanted && hasSameStack(other.name, wanted));
  const taken = clash ?? takenBy(others, wanted, answers);
  if (taken !== undefined) {
    throw new UserError(
      `environments/${taken.name}.yaml describes ${taken.config.mwaaEnvironment}, and its stack has the same name: give another --file`,
    );
  }
  return wanted;
}

/** The file of that name, if it is another environment's. */
function takenBy(
  others: readonly MonitoredEnvironment[],
  wanted: string,
  { mwaaEnvironment }: EnvironmentAnswers,
): MonitoredEnvironment | undefined {
  return others.find(
    ({ name, config }) => name === wanted && config.mwaaEnvironment !== mwaaEnvironment,
  );
}

interface Question {
  readonly field: 'mwaaEnvironment' | 'region' | 'emails';
  readonly text: string;
}

const questions: readonly Question[] = [
  { field: 'mwaaEnvironment', text: 'Name of the MWAA environment: ' },
  { field: 'region', text: 'Its Region (empty: wherever your AWS credentials point): ' },
  {
    field: 'emails',
    text: 'Who gets alarms and findings? Addresses, joined by commas (empty: nobody): ',
  },
];

/** Asks for what is not given. @throws UserError if something is missing and nobody can answer */
async function answersOf(given: InitGiven, terminal: Terminal): Promise<EnvironmentAnswers> {
  const known: Partial<Record<Question['field'], string>> = {
    ...(given.env !== undefined && { mwaaEnvironment: given.env }),
    ...(given.region !== undefined && { region: given.region }),
    ...(given.email !== undefined && { emails: given.email }),
  };
  const isComplete = given.env !== undefined && given.email !== undefined;
  if (!isComplete && terminal.input.isTTY !== true) {
    const missing = [
      ...(given.env === undefined ? ['--env NAME'] : []),
      ...(given.email === undefined ? ['--email ADDRESS (or none)'] : []),
    ];
    throw new UserError(
      `the input is no terminal, so nobody can be asked: give ${missing.join(' and ')}`,
    );
  }
  if (!isComplete) {
    const open = questions.filter(({ field }) => known[field] === undefined);
    await ask(open, known, given.account, terminal);
  }
  return toAnswers(known, given.account);
}

/** Asks each question until its answer is one that the file may hold. */
async function ask(
  open: readonly Question[],
  known: Partial<Record<Question['field'], string>>,
  account: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const isAnswered = await withTerminal(terminal, async (askOne) => {
    for (const { field, text } of open) {
      for (let problem: string | undefined = ''; problem !== undefined; ) {
        known[field] = await askOne(text);
        problem = problemOf(toAnswers({ mwaaEnvironment: 'a', [field]: known[field] }, account));
        if (problem !== undefined) terminal.output.write(`${problem}\n`);
      }
    }
    return true;
  });
  if (isAnswered !== true) throw new UserError('stopped: no file was written');
}

function toAnswers(
  { mwaaEnvironment = '', region = '', emails = '' }: Partial<Record<Question['field'], string>>,
  account: string | undefined,
): EnvironmentAnswers {
  return {
    mwaaEnvironment,
    account,
    region: region === '' ? undefined : region,
    emails: addressesIn(emails),
  };
}

/** @param text addresses joined by commas; empty or `none` for nobody */
export function addressesIn(text: string): string[] {
  if (text.trim() === '' || text.trim() === 'none') return [];
  return text.split(',').map((address) => address.trim());
}

function problemOf(answers: EnvironmentAnswers): string | undefined {
  try {
    checkAnswers(answers, () => 'The answer');
    return undefined;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}
