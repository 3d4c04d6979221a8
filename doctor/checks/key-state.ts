import type { Check } from '../check.ts';
import { judgeKey } from '../key-facts.ts';
import { judgeKeyState } from '../key-state.ts';

export const keyState: Check = {
  id: 'key-state',
  area: 'key',
  title: 'The key is enabled',
  meaning:
    'With a key that is disabled or about to be deleted nothing of the environment can be read or written, its logs included.',
  look: (facts) =>
    judgeKey(facts, (metadata, name) => [judgeKeyState(facts.observed, 'the key', metadata, name)]),
};
