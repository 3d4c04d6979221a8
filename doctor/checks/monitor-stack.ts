import type { Check } from '../check.ts';
import { judge, pass, toDo, unanswered, warn } from '../judgement.ts';
import { notDeployed } from '../monitor-parts.ts';

export const monitorStack: Check = {
  id: 'monitor-stack',
  area: 'monitor',
  title: 'The monitor’s stack is whole',
  meaning: 'A stack whose last update failed may run an older monitor than you think.',
  look: ({ observed }) => {
    const { stack } = observed.monitor;
    if (stack.kind === 'known' && stack.value === null) return notDeployed;
    return judge(stack, (known) => {
      if (known === null) return [];
      const { StackName = 'its stack', StackStatus } = known;
      if (StackStatus === undefined) {
        return [unanswered('cloudformation:DescribeStacks', 'StackStatus')];
      }
      const evidence = `${StackName} is ${StackStatus}`;
      if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$|_IN_PROGRESS$/.test(StackStatus)) {
        return [pass(evidence)];
      }
      return [warn(evidence, toDo('Deploy it again.', `npx cdk deploy ${StackName}`))];
    });
  },
};
