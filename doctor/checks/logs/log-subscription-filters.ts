import { shellWord } from '../../../lambda/common/quote-shell-word.ts';
import type { Check } from '../../facts/check.ts';
import { judgeGroups } from '../../facts/log-groups.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { judge, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

export const logSubscriptionFilters: Check = {
  id: 'log-subscription-filters',
  area: 'observability',
  title: 'No subscription filter sends the logs to another account',
  meaning:
    'The logs show who has which role, and what DAGs print. A subscription filter forwards every event to its destination.',
  look: (facts) => {
    const { observed, account } = facts;
    return judgeGroups(facts, ({ name }) => {
      const filters = observed.subscriptionFilters[name];
      if (filters === undefined) {
        return [unanswered('logs:DescribeSubscriptionFilters', `answer for ${name}`)];
      }
      return judge(filters, (all) => {
        if (all.length > 0 && account === '') return judge(observed.environment, () => []);
        if (all.some(({ filterName, destinationArn }) => !filterName || !destinationArn)) {
          return [unanswered('logs:DescribeSubscriptionFilters', `destination for ${name}`)];
        }
        const outside = all.filter(
          ({ destinationArn = '' }) => accountOf(destinationArn) !== account,
        );
        if (outside.length === 0) {
          const to = all.map(({ destinationArn }) => destinationArn).join(', ');
          return [
            pass(to ? `${name} sends events to ${to}` : `${name} has no subscription filter`),
          ];
        }
        return outside.map(({ filterName, destinationArn }) =>
          warn(
            `${name} sends events to another account: filter "${filterName}" to ${destinationArn}`,
            toDo(
              'If nobody can justify the filter, delete it.',
              awsCommand(
                observed,
                'logs delete-subscription-filter',
                `--log-group-name ${name}`,
                `--filter-name ${shellWord(filterName ?? '')}`,
              ),
            ),
          ),
        );
      });
    });
  },
};

function accountOf(arn: string): string | undefined {
  return arn.split(':')[4];
}
