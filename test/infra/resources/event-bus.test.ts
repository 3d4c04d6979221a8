import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { MonitorStack } from '../../../infra/monitor-stack.ts';
import { runtimeConfigVariable } from '../../../lambda/plan/runtime-config.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { newApp, templateOf, withoutBundling } from '../synthesized.ts';
import { resourcesOf, statementsOf, type TemplateJson } from '../template-walk.ts';

const place = { account: '111122223333', region: 'eu-west-1' };
const elsewhere = 'arn:aws:events:eu-west-1:444455556666:event-bus/security';
const here = 'arn:aws:events:eu-west-1:111122223333:event-bus/default';
const notify = (eventBus?: boolean | string) => ({ notify: { email: [], eventBus } });

const off = templateOf({ ...place, ...notify() }).toJSON() as TemplateJson;
const own = templateOf({ ...place, ...notify(true) }).toJSON() as TemplateJson;

function knowsBus(template: TemplateJson): boolean {
  const [[, scanner] = []] = resourcesOf(template, 'AWS::Lambda::Function');
  const variables = JSON.stringify(scanner?.Properties.Environment);
  expect(variables).toContain(runtimeConfigVariable);
  return variables.includes('eventBusArn');
}

function rightsToPut(template: TemplateJson) {
  return resourcesOf(template, 'AWS::IAM::Policy')
    .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument))
    .filter(({ Action }) => JSON.stringify(Action).includes('events:'));
}

test('without the setting there is no bus, no right to put events, and no word of one', () => {
  expect(resourcesOf(off, 'AWS::Events::EventBus')).toEqual([]);
  expect(rightsToPut(off)).toEqual([]);
  expect(knowsBus(off)).toBe(false);
  expect(off).toEqual(templateOf({ ...place, ...notify(false) }).toJSON());
});

test('with it the stack has a bus, and differs in nothing else', () => {
  const ids = (template: TemplateJson) => Object.keys(template.Resources);
  const added = ids(own).filter((id) => !(id in off.Resources));
  expect(added.map((id) => own.Resources[id]?.Type).toSorted()).toEqual([
    'AWS::Events::EventBus',
    'AWS::Events::EventBusPolicy',
  ]);
  const changed = ids(off).filter(
    (id) => JSON.stringify(off.Resources[id]) !== JSON.stringify(own.Resources[id]),
  );
  // The rules that report a change of the monitor know the bus too.
  expect(new Set(changed.map((id) => off.Resources[id]?.Type))).toEqual(
    new Set(['AWS::Events::Rule', 'AWS::IAM::Policy', 'AWS::Lambda::Function']),
  );
  expect(knowsBus(own)).toBe(true);
});

test('the name of an own bus is known, and its deletion is reported', () => {
  const [[, bus] = []] = resourcesOf(own, 'AWS::Events::EventBus');
  expect(bus?.Properties.Name).toBe('mwaa-privilege-monitor-prod');
  const rules = JSON.stringify(resourcesOf(own, 'AWS::Events::Rule'));
  expect(rules).toContain('DeleteEventBus');
});

test('the function may put findings on exactly that bus, and no other events', () => {
  const template = templateOf({ ...place, ...notify(here) }).toJSON() as TemplateJson;
  expect(resourcesOf(template, 'AWS::Events::EventBus')).toEqual([]);
  expect(rightsToPut(template)).toEqual([
    {
      Sid: 'PutFindingsOnTheBus',
      Effect: 'Allow',
      Action: 'events:PutEvents',
      Resource: here,
      Condition: {
        StringEquals: {
          'events:source': 'mwaa-privilege-monitor',
          'events:detail-type': 'MWAA Privilege Finding',
        },
      },
    },
  ]);
});

/** What the synthesis says beside warnings. */
function saidAbout(eventBus: string): string[] {
  const config = environmentSchema.parse({
    ...{ mwaaEnvironment: 'prod', ...place },
    notify: { email: ['a@example.com'], eventBus },
  });
  const app = newApp(withoutBundling);
  new MonitorStack(app, 'Monitor', { config, detections: loadDetections() });
  return app
    .synth()
    .getStackByName('Monitor')
    .messages.map(({ entry }) => String(entry.data));
}

test('the synthesis says what the policy of a bus of another account needs', () => {
  const [said = '', ...others] = saidAbout(elsewhere);
  expect(others).toEqual([]);
  expect(said).toContain(`the policy of ${elsewhere} needs this statement`);
  expect(JSON.parse(said.split('\n')[1] ?? '')).toMatchObject({
    Principal: { AWS: place.account },
    Action: 'events:PutEvents',
    Resource: elsewhere,
  });
  expect(saidAbout(here)).toEqual([]);
});

test.each([
  ['arn:aws:events:us-east-1:111122223333:event-bus/security', /own Region, eu-west-1/],
  ['security', /must be true, for a bus of the stack, false, or the ARN of a bus/],
  ['arn:aws:events:eu-west-1:111122223333:rule/security', /must be true/],
  [1, /must be true/],
])('a bus that cannot be the monitor’s is refused: %s', (eventBus, problem) => {
  const input = { mwaaEnvironment: 'prod', ...place, notify: { eventBus } };
  const { issues = [] } = environmentSchema.safeParse(input).error ?? {};
  expect(issues.map(({ path }) => path.join('.'))).toEqual(['notify.eventBus']);
  expect(issues[0]?.message).toMatch(problem);
});
