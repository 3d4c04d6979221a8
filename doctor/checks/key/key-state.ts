import type { Check } from '../../facts/check.ts';
import { environmentKey } from '../../facts/facts.ts';
import { judgeKey } from '../../facts/key-facts.ts';
import { judgeKeyState } from '../../facts/key-state-facts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { fail, toDo } from '../../shapes/judgement.ts';

export const keyState: Check = {
  id: 'key-state',
  area: 'key',
  title: 'The key is enabled',
  meaning:
    'With a key that is disabled or pending deletion, none of the environment’s data can be read or written, its logs included.',
  look: (facts) => {
    const own = environmentKey(facts);
    const metadata = own?.key?.metadata;
    if (own && metadata?.kind === 'failed' && metadata.error.startsWith('NotFoundException')) {
      const { observed } = facts;
      return [
        fail(
          `KMS finds no key ${own.name} in ${observed.region}: it was deleted, or is in another Region`,
          toDo(
            'A deleted key cannot be restored, and what it encrypted can no longer be read: create another key, and recreate the environment with it. This command shows who scheduled the deletion.',
            awsCommand(
              observed,
              'cloudtrail lookup-events',
              '--lookup-attributes AttributeKey=EventName,AttributeValue=ScheduleKeyDeletion',
            ),
          ),
        ),
      ];
    }
    return judgeKey(facts, (known, name) => [
      judgeKeyState(facts.observed, 'the key', known, name),
    ]);
  },
};
