import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { addMonitors } from '../../infra/add-monitors.ts';
import { factsOf } from '../../doctor/facts.ts';
import { observedSchema } from '../../doctor/observed.ts';
import { DeployedTemplates } from './deployed-templates.ts';
import { nothingObserved, observedDeployment } from './observed-deployment.ts';
import { newApp, withoutBundling } from './synthesized.ts';

test('x', async () => {
  const app = newApp({ ...withoutBundling, environmentFile: 'docs/environments/example.yaml' });
  addMonitors(app, '/nowhere');
  const templates = app.synth().stacks.map(({ template }) => template);
  const deployed = new DeployedTemplates(templates, { accountId: '111122223333', region: 'eu-west-1', partition: 'aws' });
  const observed = observedSchema.parse(observedDeployment(deployed, nothingObserved('example', 'eu-west-1')));
  const facts = factsOf(observed);
  const out = [];
  for (const f of readdirSync(join(import.meta.dirname, '../../doctor/checks'))) {
    const m = await import(`../../doctor/checks/${f}`);
    for (const c of Object.values(m) as any[]) {
      if (!c?.look) continue;
      const j = c.look(facts);
      out.push(c.id.padEnd(28) + (typeof j === 'string' ? j : j.map((x: any) => x.result + ': ' + x.evidence).join('\n      ')));
    }
  }
  console.log(out.join('\n'));
});
