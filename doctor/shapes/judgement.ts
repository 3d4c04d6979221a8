import { shellWord } from '../../lambda/common/text.ts';
import type { MissingPart, Part } from './log-shapes.ts';
import type { Observed } from './observation.ts';

export type Result = 'pass' | 'warn' | 'fail' | 'unknown';

/** What to do about a judgement: a sentence, and the commands to run, in their order. */
export interface Fix {
  readonly text: string;
  readonly commands: readonly string[];
}

/** The result of one check for one thing, such as a log group, a topic or a statement. */
export interface Judgement {
  readonly result: Result;
  /** What was observed, as a sentence. */
  readonly evidence: string;
  /** What to do; a text that begins with `Or` is an alternative to the fix before it. */
  readonly fixes?: readonly Fix[];
  /** For `unknown`: the answer that is missing. */
  readonly missing?: MissingPart;
  /** For `pass`: nothing can be done about it, but people should know it. */
  readonly isNotice?: true;
}

export function pass(evidence: string): Judgement {
  return { result: 'pass', evidence };
}

/** A pass that people should know about, such as a limit that nobody can remove. */
export function notice(evidence: string): Judgement {
  return { result: 'pass', evidence, isNotice: true };
}

export function warn(evidence: string, ...fixes: [Fix, ...Fix[]]): Judgement {
  return { result: 'warn', evidence, fixes };
}

export function fail(evidence: string, ...fixes: [Fix, ...Fix[]]): Judgement {
  return { result: 'fail', evidence, fixes };
}

export function toDo(text: string, ...commands: string[]): Fix {
  return { text, commands };
}

/** A judgement for a part that is missing: AWS denied it, or gave no usable answer. */
export function unknown(missing: MissingPart): Judgement {
  const { kind, action, error } = missing;
  return kind === 'denied'
    ? {
        result: 'unknown',
        evidence: `${action} was denied: ${error}`,
        fixes: [toDo(`Allow ${action} for the credentials that run the doctor, and run it again.`)],
        missing,
      }
    : {
        result: 'unknown',
        evidence: `${action} gave no usable answer: ${error}`,
        fixes: [toDo('Run the doctor again; please report an answer that remains unusable.')],
        missing,
      };
}

/** A judgement for an answer without a field that it should have. */
export function unanswered(action: string, field: string): Judgement {
  return unknown({ kind: 'failed', action, error: `the answer has no ${field}` });
}

/** A judgement for an answer that the doctor cannot judge. */
export function undecided(evidence: string, ...fixes: [Fix, ...Fix[]]): Judgement {
  return { result: 'unknown', evidence, fixes };
}

/** A number of things in evidence: `1 minute`, `2 minutes`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** Judges a part if it is known; a missing one is `unknown`. */
export function judge<T>(
  part: Part<T>,
  whenKnown: (value: T) => readonly Judgement[],
): readonly Judgement[] {
  return part.kind === 'known' ? whenKnown(part.value) : [unknown(part)];
}

/** An AWS CLI command for the examined Region. */
export function awsCommand(
  { region }: Pick<Observed, 'region'>,
  operation: string,
  ...options: string[]
): string {
  return ['aws', operation, `--region ${region}`, ...options].join(' ');
}

/** JSON as one word for a POSIX shell. */
export function shellJson(value: unknown): string {
  return shellWord(JSON.stringify(value));
}
