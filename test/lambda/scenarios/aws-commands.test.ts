import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import {
  callersCommand,
  deleteUnusedRoleCommand,
  pauseCommand,
  restUndoCommand,
  showRoleCommand,
  startupScriptCommand,
  uploadsCommand,
  uploadVariables,
} from '../../../lambda/findings/aws-commands.ts';
import { awsCallsOf } from '../setup/aws-calls.ts';
import { brokenRule, commandFacts, globalOptions, optionsOf } from '../setup/cli-rules.ts';

const place = { environment: 'prod', region: 'eu-west-1' };
const span = { startEpochMs: Date.UTC(2026, 2, 1), endEpochMs: Date.UTC(2026, 2, 2) };

const allCommands = [
  pauseCommand(place, 'grant_admin'),
  restUndoCommand(place, { username: 'eve' }),
  restUndoCommand(place, { username: 'bob@example.com', role: 'Admin' }),
  showRoleCommand(place, 'Viewer'),
  deleteUnusedRoleCommand(place, 'analysts'),
  uploadsCommand(place, span.endEpochMs),
  startupScriptCommand(place),
  ...(['CreateWebLoginToken', 'InvokeRestApi', 'UpdateEnvironment'] as const).map((event) =>
    callersCommand(place, event, span),
  ),
].filter((command) => command !== undefined);

describe('by the models of the AWS CLI', () => {
  const calls = awsCallsOf(allCommands);

  test('every operation exists, and every option of it; what is required is there', () => {
    expect(calls.length).toBeGreaterThan(allCommands.length);
    for (const call of calls) {
      const name = call.slice(0, 2).join(' ');
      const facts = commandFacts[name];
      const options = optionsOf(call);
      const required = Object.entries(facts?.options ?? {}).filter(([, one]) => one.required);
      expect([name, facts === undefined]).toEqual([name, false]);
      expect(required.map(([option]) => option).filter((one) => !options.has(one))).toEqual([]);
      const own = [...options.keys()].filter((option) => !globalOptions.includes(option));
      expect(own.filter((option) => facts?.options[option] === undefined)).toEqual([]);
    }
  });

  test('every value keeps the rules of its option', () => {
    for (const call of calls) {
      const facts = commandFacts[call.slice(0, 2).join(' ')]?.options ?? {};
      for (const [option, values] of optionsOf(call)) {
        const known = facts[option];
        if (known === undefined) continue;
        // The answer of the stand-in stands for one of AWS.
        const own = values.filter((value) => !value.includes('of aws'));
        for (const value of own)
          expect([option, brokenRule(value, known)]).toEqual([option, undefined]);
      }
    }
  });

  test('every name in a query is a name in the answer', () => {
    const withQuery = calls.filter((call) => call[0] !== 'mwaa' || call[1] === 'get-environment');
    for (const call of withQuery) {
      const [query = ''] = optionsOf(call).get('--query') ?? [];
      const names = query.replaceAll(/`[^`]*`/g, '').match(/\b[A-Z]\w+/g) ?? [];
      const answer = JSON.stringify(commandFacts[call.slice(0, 2).join(' ')]?.answer);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) expect(answer).toContain(`"${name}"`);
    }
  });
});

describe('names that attackers choose', () => {
  const hostile = [
    ...["a'b", 'a"b', 'a`id`', 'a$(id)', 'a\\', 'a;id', 'a|id', 'a&id', '$HOME', '*', '~', '-h'],
    ...['--help', 'a b', "'; id; '", 'Équipe', '運用', '#', '!!', '{a,b}', '`"', '\\`', "\\'"],
  ];

  test('a role is one word, in whatever shell it is, and is compared as it is', () => {
    const lines = hostile.flatMap(
      (role) => restUndoCommand(place, { username: 'bob', role }) ?? [],
    );
    const calls = awsCallsOf(lines);
    expect(calls).toHaveLength(2 * hostile.length);
    for (const [at, role] of hostile.entries()) {
      const [query = ''] = optionsOf(calls[2 * at] ?? []).get('--query') ?? [];
      const literal = /name != `(.*)`\]/s.exec(query)?.[1]?.replaceAll('\\`', '`') ?? '';
      expect(JSON.parse(literal)).toBe(role);
      // What the first call answers goes into the second as one word.
      expect(optionsOf(calls[2 * at + 1] ?? []).get('--body')).toEqual(['{"answer":"of aws"}']);
    }
  });

  test('a user, a DAG or a role of a path that is not plain is in no command of AWS', () => {
    // A path cannot be taken for an option: it begins with a slash.
    const notPlain = hostile.filter((name) => !name.startsWith('-'));
    for (const name of [
      ...notPlain,
      'a/b',
      'a%2Fb',
      '..',
      '.',
      '',
      'evil.com',
      'www.a.py',
      'a+b',
    ]) {
      expect(pauseCommand(place, name)).toBeUndefined();
      expect(restUndoCommand(place, { username: name })).toBeUndefined();
      expect(showRoleCommand(place, name)).toBeUndefined();
      expect(deleteUnusedRoleCommand(place, name)).toBeUndefined();
    }
  });

  test('whatever the names are, nothing but aws runs', () => {
    // Every character of ASCII but NUL, which no word can hold, and the mark between calls.
    const unit = fc.integer({ min: 2, max: 0x7f }).map((code) => String.fromCharCode(code));
    const text = fc.string({ unit, minLength: 1, maxLength: 20 });
    const names = fc.sample(fc.tuple(text, text), { numRuns: 200, seed: 1 });
    const lines = names.flatMap(([name, of]) => [
      ...[pauseCommand(place, name), restUndoCommand(place, { username: name, role: of })],
      restUndoCommand(place, { username: 'bob', role: of }),
      ...[showRoleCommand(place, name), deleteUnusedRoleCommand(place, name)],
    ]);
    const calls = awsCallsOf(lines.filter((line) => line !== undefined));
    expect(calls.length).toBeGreaterThanOrEqual(2 * names.length);
    for (const call of calls) expect(call.slice(0, 2)).toEqual(['mwaa', 'invoke-rest-api']);
  });
});

test.each([
  ['dag.py', 'dag.py'],
  // It is put into SQL and into a query of the CLI.
  ["x' OR 1=1 --.py", ''],
  ['$(id).py', ''],
  [undefined, ''],
])('the variables of the runbook on uploads name the file %j as %j', (name, file) => {
  const line = uploadVariables(place, { name }, span.endEpochMs);
  const script = `${line}; printf '%s|' "$ENV" "$FILE" "$UNTIL" "$AWS_REGION"`;
  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(
    `prod|${file}|2026-03-02 00:00:00|eu-west-1|`,
  );
});

test('a path has at most the 64 characters that InvokeRestApi takes', () => {
  expect(pauseCommand(place, 'd'.repeat(58))).toContain(`'/dags/${'d'.repeat(58)}'`);
  expect(pauseCommand(place, 'd'.repeat(59))).toBeUndefined();
});

test('a Region that is none is left out', () => {
  expect(pauseCommand({ ...place, region: 'unknown' }, 'x')).not.toContain('--region');
  for (const region of ['eu-west-1', 'us-gov-east-1', 'cn-north-1', 'ap-southeast-5']) {
    expect(pauseCommand({ ...place, region }, 'x')).toContain(`--region '${region}'`);
  }
});

test.each([
  ['False', ['GET', 'DELETE']],
  ['True', ['GET']],
  ['None', ['GET']],
  ['', ['GET']],
])('a role is deleted only if AWS answers that nobody has it: %j', (answer, methods) => {
  const calls = awsCallsOf([deleteUnusedRoleCommand(place, 'analysts') ?? ''], answer);
  expect(calls.flatMap((call) => optionsOf(call).get('--method'))).toEqual(methods);
});
