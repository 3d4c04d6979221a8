import { globSync, readFileSync } from 'node:fs';
import { examine } from '../../doctor/examine.ts';
import { defaultExpectations } from '../../doctor/facts/facts.ts';
import { fixture, variations } from '../../doctor/fixtures/fixtures.ts';
import { createAsk } from '../../doctor/observe/ask.ts';
import { observe } from '../../doctor/observe/observe.ts';
import { type Call, fakeAws } from './fake-aws.ts';
import { planAndTimer } from './fixture-plan.ts';

/** The names of AWS's read operations; a query of Logs Insights reads, too. */
const reads = /^((Describe|Get|List|Lookup)[A-Z]|(Start|Stop)Query$)/;

const sources = globSync(['doctor/**/*.ts', 'cli/doctor/*.ts']).map((file) => ({
  file,
  text: readFileSync(file, 'utf8'),
}));

const commands = sources.flatMap(({ file, text }) =>
  [...text.matchAll(/\b([A-Z]\w+)Command\b/g)].map(([, operation = '']) => ({ file, operation })),
);

test('the doctor’s code names no operation that writes', () => {
  expect(new Set(commands.map(({ operation }) => operation)).size).toBeGreaterThan(20);
  expect(commands.filter(({ operation }) => !reads.test(operation))).toEqual([]);
});

test('the doctor’s code calls AWS only by SDK commands and one GET to MWAA', () => {
  const ways =
    /\b(XMLHttpRequest|node:https?|node:net|node:tls|child_process|undici|fetch\(|from '@aws-sdk\/(?!client-)|\.(?:put|delete|update|create)[A-Z]\w*\()/;

  expect(sources.filter(({ text }) => ways.test(text)).map(({ file }) => file)).toEqual([]);
});

const policy = JSON.parse(readFileSync('docs/doctor-policy.json', 'utf8'));
const policyActions: readonly string[] = policy.Statement[0].Action;

async function callsFor(name: string): Promise<Call[]> {
  const state = fixture(name);
  if (state === undefined) throw new Error(`there is no fixture ${name}`);
  const { clients, calls } = fakeAws(state);
  const { mwaaEnvironment, nowEpochMs } = state;
  const expectations = defaultExpectations;
  const options = { mwaaEnvironment, nowEpochMs, expectations, ...planAndTimer };
  examine(await observe(createAsk(), clients, options));
  return calls;
}

test('no call made for any fixture writes', async () => {
  const calls: Call[] = [];
  for (const name of Object.keys(variations)) calls.push(...(await callsFor(name)));

  expect(new Set(calls.map(({ action }) => action)).size).toBeGreaterThan(20);
  expect(policyActions).toEqual(expect.arrayContaining(calls.map(({ action }) => action)));
  expect(calls.filter(({ action }) => !reads.test(action.split(':')[1] ?? ''))).toEqual([]);
  const toMwaa = calls.filter(({ action }) => action.startsWith('airflow:'));
  expect(new Set(toMwaa.map(({ input }) => input.method))).toEqual(new Set(['GET']));
});

test('the doctor’s IAM policy has exactly the actions that it calls', () => {
  const asked = sources.flatMap(({ text }) =>
    [...text.matchAll(/\bask\(\s*'(\w+:\w+)'/g)].map(([, action]) => action),
  );

  expect(policyActions).toEqual([...new Set(asked)].sort());
  expect(policy.Statement).toHaveLength(1);
});
