import { examine } from '../../../doctor/examine.ts';
import { foreignAccount } from '../../../doctor/facts/facts.ts';
import { fixture, variations } from '../../../doctor/fixtures/fixtures.ts';
import { account } from '../../../doctor/fixtures/parts/place.ts';
import { observedSchema } from '../../../doctor/shapes/observation.ts';

/** The account of an AWS that is played on one machine. */
const localAccount = '000000000000';

function resultsIn(name: string, own: string) {
  const text = JSON.stringify(fixture(name)).replaceAll(account, own);
  const { checks } = examine(observedSchema.parse(JSON.parse(text)));
  return checks.map(({ id, result, evidence }) => [
    id,
    result,
    evidence.map((one) => one.replaceAll(own, account)),
  ]);
}

test('the account that means any other is never one’s own', () => {
  for (const own of [account, localAccount, '']) expect(foreignAccount(own)).not.toBe(own);
});

test.each(Object.keys(variations))(
  'the doctor judges an environment alike in every account: %s',
  (name) => {
    expect(resultsIn(name, localAccount)).toEqual(resultsIn(name, account));
  },
);
