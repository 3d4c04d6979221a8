import { type App, type CfnResource, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks, NagMessageLevel, NagPack, rules } from 'cdk-nag';

/**
 * The one rule of cdk-nag on MWAA, which is in none of its packs: all five log types at INFO or lower,
 * without which no change of privileges can be seen.
 */
class MwaaChecks extends NagPack {
  override readonly name = 'Mwaa';
  protected override packName = 'Mwaa';

  protected override checkResource(node: CfnResource): void {
    this.applyRule({
      info: 'The MWAA environment does not log all five log types at INFO or lower.',
      explanation:
        'Changes of Airflow privileges show at level INFO, in any of the five log groups: https://docs.aws.amazon.com/mwaa/latest/userguide/best-practices-security.html',
      level: NagMessageLevel.ERROR,
      rule: rules.mwaa.MWAAAllLoggingInfo,
      node,
    });
  }
}

/** Stops the synthesis when a stack breaks a rule that is not acknowledged with a reason. */
export function addNagChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new MwaaChecks(app));
}
