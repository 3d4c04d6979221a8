import type { MissingPart, Part } from './part.ts';

export type Result = 'pass' | 'warn' | 'fail' | 'unknown';

/** What to do about a finding: a sentence, and the commands that do it, ready to be run. */
export interface Fix {
  readonly text: string;
  readonly commands: readonly string[];
}

/** What one check says of one thing: a log group, a topic, a statement. */
export interface Judgement {
  readonly result: Result;
  /** What was seen, as a sentence. */
  readonly evidence: string;
  /** What to do about it; a text that begins with `Or` is another way than the one before. */
  readonly fixes?: readonly Fix[];
  /** Of `unknown`: the answer that is missing. */
  readonly missing?: MissingPart;
  /** Of `pass`: nothing is to be done about it, and people should know it. */
  readonly isNotice?: true;
}

export function pass(evidence: string): Judgement {
  return { result: 'pass', evidence };
}

/** A pass that means something to people: a limit that cannot be taken away. */
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

/** Nothing can be said, because AWS did not answer. */
export function unknown(missing: MissingPart): Judgement {
  const { kind, action, error } = missing;
  return kind === 'denied'
    ? {
        result: 'unknown',
        evidence: `${action} was denied: ${error}`,
        fixes: [toDo(`Allow ${action} to whoever runs the doctor, and run it again.`)],
        missing,
      }
    : {
        result: 'unknown',
        evidence: `${action} gave no answer that can be used: ${error}`,
        fixes: [toDo('Run the doctor again; an answer that stays unusable is worth reporting.')],
        missing,
      };
}

/** An answer came, without a field that it should have. */
export function unanswered(action: string, field: string): Judgement {
  return unknown({ kind: 'failed', action, error: `the answer has no ${field}` });
}

/** An answer came, and cannot be judged. */
export function undecided(evidence: string, ...fixes: [Fix, ...Fix[]]): Judgement {
  return { result: 'unknown', evidence, fixes };
}

/** Judges a part when it is known; when it is not, nothing can be said. */
export function judge<T>(
  part: Part<T>,
  whenKnown: (value: T) => readonly Judgement[],
): readonly Judgement[] {
  return part.kind === 'known' ? whenKnown(part.value) : [unknown(part)];
}
