import type { Check } from '../../facts/check.ts';
import { isDeployed, notDeployed } from '../../facts/monitor-parts.ts';
import { judge, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

export const monitorStack: Check = {
  id: 'monitor-stack',
  area: 'monitor',
  title: 'The last update of the monitor’s stack succeeded',
  meaning: 'A stack whose last update failed may run an older monitor than you think.',
  look: ({ observed }) => {
    const { stack } = observed.monitor;
    if (!isDeployed(observed)) return notDeployed;
    return judge(stack, (known) => {
      if (known === null) {
        return [
          warn(
            'its alarms belong to no stack: they were created by hand and have to be maintained by hand',
            toDo(
              'Delete these alarms, then deploy the monitor, which creates its own of the same names.',
            ),
          ),
        ];
      }
      const { StackName = 'its stack', StackStatus } = known;
      if (StackStatus === undefined) {
        return [unanswered('cloudformation:DescribeStacks', 'StackStatus')];
      }
      const evidence = `${StackName} is ${StackStatus}`;
      if (/^(CREATE|UPDATE|IMPORT)_(COMPLETE|(COMPLETE_CLEANUP_)?IN_PROGRESS)$/.test(StackStatus)) {
        return [pass(evidence)];
      }
      return [warn(evidence, toDo('Deploy it again.', `npx cdk deploy ${StackName}`))];
    });
  },
};
