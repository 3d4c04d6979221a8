import { readFileSync } from 'node:fs';

/** The causes as the code knows them: the members of the type BlindCause. */
function blindCauses(): string[] {
  const source = readFileSync('lambda/coverage.ts', 'utf8');
  const [, members = ''] = /export type BlindCause =([^;]+);/.exec(source) ?? [];
  return [...members.matchAll(/'([a-z-]+)'/g)].map(([, cause = '']) => cause);
}

test('every cause of blindness stands in the runbook', () => {
  const page = readFileSync('docs/runbooks/blind-log-group.md', 'utf8');
  expect(blindCauses().length).toBeGreaterThan(8);
  expect(blindCauses().filter((cause) => !page.includes(`\`${cause}\``))).toEqual([]);
});
