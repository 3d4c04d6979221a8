import {
  neededByNobody,
  type Proof,
  refused,
  removedUnnoticed,
  unlikeAws,
  wronglyAllowed,
} from './proof.ts';

/**
 * The five tests of every deployment.
 *
 * @param proofOf called within tests only
 * @param unused the parts of policies that may be taken out: all of them, and no others
 */
export function expectProof(proofOf: () => Proof, unused: readonly RegExp[]): void {
  test('may do what it does', () => {
    expect(refused(proofOf())).toEqual([]);
  });

  test('may do nothing that is one step beside', () => {
    expect(wronglyAllowed(proofOf())).toEqual([]);
  });

  test('may do nothing else with what it uses', () => {
    expect(neededByNobody(proofOf())).toEqual([]);
  });

  test('asks for nothing that AWS’s reference does not have', () => {
    expect(unlikeAws(proofOf())).toEqual([]);
  });

  test('has no policy of which a part could be taken out unnoticed', () => {
    const parts = removedUnnoticed(proofOf());
    expect(parts.filter((part) => !unused.some((pattern) => pattern.test(part)))).toEqual([]);
    expect(unused.filter((pattern) => !parts.some((part) => pattern.test(part)))).toEqual([]);
  });
}
