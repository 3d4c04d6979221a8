import { Command } from 'commander';
import { profileOption } from './aws-credentials.ts';
import { jsonText } from './json-text.ts';
import { UserError } from './user-error.ts';

interface DoctorOptions {
  readonly env?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly fixture?: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  $ npx privilege-monitor doctor --env prod-airflow --region eu-west-1 --profile ops
  $ npx privilege-monitor doctor --env prod-airflow --json | jq '.checks[] | select(.result == "fail")'
  $ npx privilege-monitor doctor --fixture old-key

It changes nothing, with the credentials that the AWS CLI would use; docs/doctor-policy.json is the IAM
policy of all that it asks for. What it may not ask is "unknown", never "pass". It has Logs Insights run
the monitor's queries over one second of the log groups, which scans and costs next to nothing, waits up to
half a minute for them, and looks at no line that they find.

Exit code 0 when no check failed, 1 when one did; 2 for bad input, no credentials, an unknown
environment, and when none failed but answers of AWS are missing.`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('is this MWAA environment observable, and encrypted as it should be? (reads AWS)')
    .option('--env <name>', 'name of the MWAA environment, or of its file in environments/')
    .option('--region <region>', 'its Region; default: of environments/, then of the AWS CLI')
    .addOption(profileOption())
    .option(
      '--fixture <name>',
      'examine an environment that ships with the doctor; AWS is not asked',
    )
    .option('--json', 'print the report as JSON (doctor/report.schema.json)')
    .addHelpText('after', examples)
    .action(doctor);
}

async function doctor({ env, region, profile, fixture, json }: DoctorOptions): Promise<void> {
  if (fixture !== undefined && (env ?? region ?? profile) !== undefined) {
    throw new UserError('--fixture goes with none of --env, --region, --profile: AWS is not asked');
  }
  // The clients of eight services take their time to load.
  const { examineEnvironment, examineFixture } = await import('./examine-environment.ts');
  const { showReport } = await import('./show-report.ts');
  const report =
    fixture === undefined
      ? await examineEnvironment(env, { region, profile })
      : examineFixture(fixture);
  if (json) console.log(jsonText(report, 2));
  else console.log(showReport(report));
  if (report.result === 'fail') process.exitCode = 1;
  else if (report.checks.some(({ missing }) => missing.length > 0)) process.exitCode = 2;
}
