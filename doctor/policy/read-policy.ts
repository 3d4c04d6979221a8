import { type Judgement, toDo, undecided } from '../judgement.ts';
import { type PolicyDocument, PolicyError, parsePolicy } from './policy-document.ts';

/**
 * Judges a policy's text; one that cannot be read decides nothing.
 *
 * @param whose what the policy is of, such as `the key policy`
 */
export function judgePolicy(
  text: string,
  whose: string,
  whenRead: (policy: PolicyDocument) => readonly Judgement[],
): readonly Judgement[] {
  let policy: PolicyDocument;
  try {
    policy = parsePolicy(text);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return [
      undecided(
        `${whose} cannot be read: ${error.message}`,
        toDo(
          'Look at it yourself: IAM Access Analyzer’s validate-policy names what is wrong with it.',
        ),
      ),
    ];
  }
  return whenRead(policy);
}
