import type { Check } from '../../facts/check.ts';
import { environmentKey } from '../../facts/facts.ts';
import { judgeKey } from '../../facts/key-facts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { judge, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

export const keyRotation: Check = {
  id: 'key-rotation',
  area: 'key',
  title: 'The key rotates',
  meaning:
    'Rotation creates new key material every year under the same ARN; encrypted data stays readable, and nothing has to be deployed.',
  look: (facts) =>
    judgeKey(facts, ({ Origin }) => {
      const { observed } = facts;
      const { rotation } = observed;
      const name = environmentKey(facts)?.name ?? '';
      if (rotation === undefined) return [unanswered('kms:GetKeyRotationStatus', 'answer')];
      return judge(rotation, ({ KeyRotationEnabled, RotationPeriodInDays }) => {
        if (KeyRotationEnabled === undefined) {
          return [unanswered('kms:GetKeyRotationStatus', 'KeyRotationEnabled')];
        }
        if (KeyRotationEnabled) {
          return [pass(`it rotates every ${RotationPeriodInDays ?? 365} days`)];
        }
        if (Origin !== undefined && Origin !== 'AWS_KMS') {
          return [
            warn(
              `its key material comes from ${Origin}, which does not rotate by itself`,
              toDo('Rotate it by hand, as your rules require.'),
            ),
          ];
        }
        return [
          warn(
            'it does not rotate',
            toDo(
              'Enable rotation.',
              awsCommand(observed, 'kms enable-key-rotation', `--key-id ${name}`),
            ),
          ),
        ];
      });
    }),
};
