import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionResult, judgeAction } from '../../cli/send-test/judge-history.ts';
import { examine } from '../../doctor/examine.ts';
import { fixture, variations } from '../../doctor/fixtures/fixtures.ts';
import { observedSchema } from '../../doctor/shapes/observation.ts';
import { pages, textOf } from './pages.ts';

/**
 * `cdk deploy` compares the new template with the last one: it does not see what somebody changed or
 * deleted by hand, and repairs none of it. Only --revert-drift compares the template with what exists.
 */
const plainDeploy = /\bcdk deploy\b(?! --revert-drift)/;

/** Advice to deploy once more what was deployed already; a list of options may come between. */
const deployAgain = /\b(?:re-?deploy|deploy(?:s|ing|ment)?\b[^.|;:]*\b(?:again|once more))\b/i;

/** What somebody did to a stack outside of the CDK. */
const byHand =
  /\b(?:by hand|drift(?:ed)?|was deleted|was removed|lost (?:its|the|a)|policy changed|is gone)\b/i;

test('the patterns recognize advice that repairs nothing', () => {
  for (const advice of [
    'deploy the stack again',
    'Deploy it again.',
    'Deploy `AirflowKey-NAME` again',
    'redeploy',
  ]) {
    expect(advice).toMatch(deployAgain);
  }
  expect('npx cdk deploy MonitorStack-prod').toMatch(plainDeploy);
  expect('npx cdk deploy --revert-drift MonitorStack-prod').not.toMatch(plainDeploy);
  for (const fault of ['the topic was deleted', "the key's policy lost its statement"]) {
    expect(fault).toMatch(byHand);
  }
});

/**
 * By these, nothing was changed by hand: there is no stack, its last update is not done, or the settings of the
 * second witness do not fit the environment.
 */
const needsDeployment = [
  /^no monitor of \S+ is deployed in this Region$/,
  /^MonitorStack-\S+ is (?:UPDATE_ROLLBACK_COMPLETE|DELETE_IN_PROGRESS)$/,
  /^the environment runs Airflow \S+, where users|^the environment runs Airflow \S+; the witness/,
  /^the web server is (?:private|public), and the witness|^the witness (?:calls|expects) /,
];

test.each(Object.keys(variations))(
  'the doctor advises a plain deployment only where one repairs the fault: %s',
  (name) => {
    const { checks } = examine(observedSchema.parse(fixture(name)));
    const plain = checks.filter(({ fixes }) =>
      fixes.some(
        ({ text, commands }) =>
          deployAgain.test(text) || [text, ...commands].some((one) => plainDeploy.test(one)),
      ),
    );
    for (const { evidence } of plain) {
      const other = evidence.filter((one) => !needsDeployment.some((known) => known.test(one)));
      expect(other).toEqual([]);
    }
  },
);

test.each([
  ['the key', 'CloudWatch may not use the encryption key', '--revert-drift'],
  // CloudFormation cannot read the policy of a topic.
  ['the topic’s policy', 'not authorized to perform: SNS:Publish', 'privilege-monitor doctor'],
  ['anything else', 'Unknown', 'cdk drift'],
])('send-test advises what repairs %s', (_what, error, repair) => {
  const topic = 'arn:aws:sns:eu-west-1:111122223333:Alarms';
  const entry = {
    HistoryItemType: 'Action' as const,
    HistorySummary: `Failed to execute action ${topic}. Received error: "${error}"`,
    Timestamp: new Date(1_000),
  };
  for (const configured of [
    { kind: 'file', stack: 'MonitorStack-prod' },
    { kind: 'options', mwaaEnvironment: 'prod' },
  ] as const) {
    const about = { alarm: 'test', environment: 'prod', configured, waitedSeconds: 1 };
    const { fix } = judgeAction(actionResult([entry], topic, 0), about);
    expect(fix).toContain(repair);
    expect(fix).not.toMatch(plainDeploy);
  }
});

test('every command of the CDK that a program prints is from one function', () => {
  const printed = ['cli', 'doctor', 'lambda', 'local'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file))
      .filter((file) => readFileSync(file, 'utf8').includes('npx cdk')),
  );
  expect(printed).toEqual([]);
});

/** Records of what was decided or changed are not advice. */
const advising = pages.filter(
  (page) => page !== 'CHANGELOG.md' && !page.startsWith('docs/decisions/'),
);

test.each(advising)('%s advises no plain deployment for what was changed by hand', (page) => {
  const text = textOf(page);
  const paragraphs = text.split(/\n(?=\s*(?:\n|[|#*-]|\d+\.))/);
  const wrong = [...text.split('\n'), ...paragraphs.map((one) => one.replaceAll('\n', ' '))]
    // Without the whole stack there is nothing that could have been changed by hand.
    .filter((line) => !/\bdestroy(?:ed)?\b|\bstack was deleted\b/i.test(line))
    .filter(
      (line) =>
        (deployAgain.test(line) || (byHand.test(line) && plainDeploy.test(line))) &&
        !/--revert-drift|compares/.test(line),
    );
  expect(wrong).toEqual([]);
});
