import { ownDetections } from '../../../lambda/findings/own-finding.ts';
import type { Finding } from '../../../lambda/model/finding.ts';
import { firstStep } from '../../../lambda/notify/mail-text.ts';
import { sampleFinding } from '../setup/sample-finding.ts';

const own = (...detections: string[]): Finding => ({
  ...sampleFinding,
  detections,
  actor: {},
  evidence: [],
});

test.each([
  ['coverage-gap', /could not be read in that time/],
  ['log-flood', /what wrote so much/],
  ['coverage-changed', /set the log type to INFO/],
])('a finding about the monitor itself has its own first step: %s', (detection, step) => {
  expect(firstStep(own(detection))).toMatch(step);
});

test('no two of these steps are the same, and none asks for the owner of a DAG', () => {
  const steps = ownDetections.map((detection) => firstStep(own(detection)));
  expect(new Set(steps).size).toBe(ownDetections.length);
  expect(steps.join()).not.toContain('owner of DAG');
});

test('a change without evidence asks for the process that wrote its lines', () => {
  expect(firstStep(own('cli-role-granted'))).toMatch(/^Find out which process wrote the lines/);
});

test('a step escapes the control characters of names', () => {
  const actor = { dag: 'x\u001b[2K', run: 'r' };
  expect(firstStep({ ...sampleFinding, actor })).not.toContain('\u001b');
});
