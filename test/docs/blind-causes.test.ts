import { readFileSync } from 'node:fs';

/** The members of the type BlindCause, which exist in the source only. */
function blindCauses(): string[] {
  const source = readFileSync('lambda/model/coverage.ts', 'utf8');
  const [, members = ''] = /export type BlindCause =([^;]+);/.exec(source) ?? [];
  return [...members.matchAll(/'([a-z-]+)'/g)].map(([, cause = '']) => cause);
}

test('the runbook explains every cause of blindness', () => {
  const page = readFileSync('docs/runbooks/blind-log-group.md', 'utf8');
  expect(blindCauses().length).toBeGreaterThan(8);
  expect(blindCauses().filter((cause) => !page.includes(`\`${cause}\``))).toEqual([]);
});
