import { type Judgement, toDo, undecided } from '../shapes/judgement.ts';
import { type PolicyDocument, PolicyError, parsePolicy } from './policy-document.ts';

/**
 * Parses a policy and judges it; a policy that cannot be parsed is undecided.
 *
 * @param whose how the evidence refers to the policy, such as `the key policy`
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
        `${whose} cannot be parsed: ${error.message}`,
        toDo(
          'Review it yourself: IAM Access Analyzer’s validate-policy reports what is wrong with it.',
        ),
      ),
    ];
  }
  return whenRead(policy);
}
