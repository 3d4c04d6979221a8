import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { GroupSearches } from '../../../local/candidates/group-search.ts';
import { prepareLiterals } from '../../../local/candidates/prepared-literals.ts';

const inProduction: Candidate = {
  id: 'in-production',
  filter: '@log like "airflow-Prod" and @message like "wanted"',
  condition: {
    and: [
      { field: 'log', contains: 'airflow-Prod' },
      { field: 'message', contains: 'wanted' },
    ],
  },
};
const anywhere: Candidate = {
  id: 'anywhere',
  filter: '@message like "noticed"',
  condition: { field: 'message', contains: 'noticed' },
};
const messages = ['nothing', 'what is wanted', 'what is noticed'];

/** Which of the messages may belong to which candidates. */
function found(candidates: readonly Candidate[], environment: string) {
  const prepared = prepareLiterals(candidates, () => []);
  const search = new GroupSearches(candidates, prepared).inGroup(`airflow-${environment}-Task`);
  return messages.map((message) => search?.numbersFor(message));
}

test('what was prepared is searched for from the first message on, in an environment of any name', () => {
  expect(found([anywhere], 'Any')).toEqual([[], [], [0]]);
  expect(found([anywhere], 'Prod')).toEqual([[], [], [0]]);
});

test('it is not where the name decides otherwise: all of the first messages may belong to it', () => {
  const both = [inProduction, anywhere];
  expect(found(both, 'Any')).toEqual([[], [], [1]]);
  expect(found(both, 'Prod')).toEqual([undefined, undefined, undefined]);
});
