/**
 * Synthesis checks every template against CloudFormation's schemas, which takes seconds each time.
 * Once is enough: the test of the whole app switches the check on for itself.
 */
process.env.CDK_VALIDATION ??= 'false';
