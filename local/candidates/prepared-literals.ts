import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import {
  type ChosenLiterals,
  choosePatterns,
  namesOf,
  PatternsOfPieces,
  placeChosen,
} from './choose-literals.ts';
import { testsOfNames } from './group-condition.ts';
import { SampleIndex } from './sample-index.ts';

/**
 * What to search for, chosen beforehand from other logs of the same log types. To choose takes as long as to search
 * some hundred megabytes. As plain data, by what the name of a log group decides about the candidates.
 */
export type PreparedLiterals = Readonly<Record<string, ChosenLiterals>>;

const tries = 4;

/** @param samplesOf some messages of a log type, as JSON */
export function prepareLiterals(
  candidates: readonly Candidate[],
  samplesOf: (logType: (typeof logTypes)[number]) => readonly Uint8Array[],
): PreparedLiterals {
  const patternsOfPieces = new PatternsOfPieces();
  return Object.fromEntries(
    logTypes.map((logType) => {
      const logGroup = logGroupName('Any', logType);
      const sample = new SampleIndex(samplesOf(logType));
      return [
        decidedByName(candidates, logGroup),
        placeChosen(choosePatterns(candidates, logGroup, sample, patternsOfPieces), sample, tries),
      ];
    }),
  );
}

/** @returns undefined if nothing was prepared for a group with such a name */
export function preparedFor(
  prepared: PreparedLiterals,
  candidates: readonly Candidate[],
  logGroup: string,
): ChosenLiterals | undefined {
  return prepared[decidedByName(candidates, logGroup)];
}

/** What the name of a group says of each test of `@log`, on which alone it depends what a condition requires. */
function decidedByName(candidates: readonly Candidate[], logGroup: string): string {
  return namesOf(logGroup)
    .map((names) => candidates.map((one) => testsOfNames(one, names)).join(' '))
    .join('|');
}
