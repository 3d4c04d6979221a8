import { Command, Option } from 'commander';
import { envOption, profileOption, regionOption } from '../common/named-environment.ts';
import { jsonText, UserError } from '../common/output.ts';

interface DoctorOptions {
  readonly env?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly fixture?: string;
  readonly json?: boolean;
  readonly witness?: boolean;
}

const examples = `
Examples:
  $ npx privilege-monitor doctor --env prod-airflow --region eu-west-1 --profile ops
  $ npx privilege-monitor doctor --env prod-airflow --json | jq '.checks[] | select(.result == "fail")'
  $ npx privilege-monitor doctor --fixture old-key
  $ npx privilege-monitor doctor --env prod-airflow --witness

It changes nothing, and uses the credentials that the AWS CLI would use; docs/doctor-policy.json is the
IAM policy for all its calls. A denied call results in "unknown", never in "pass". It runs the monitor's
queries in Logs Insights over one second of the log groups, which scans and costs next to nothing, waits
up to half a minute for them, and does not read the lines that they find.

With --witness it asks Airflow itself instead: what the second witness takes for granted, and which of that
the environment confirms (docs/witness.md). It makes some twenty reads by InvokeRestApi, twelve of them at
once, and reads what the witness stored; docs/witness-policy.json is the IAM policy for these calls. It prints
the forms of the answers, never a name from them. Refuted counts as failed.

Exit code 0 if no check failed, 1 if one did; 2 for bad input, no credentials, an unknown environment,
and if no check failed but answers from AWS are missing.`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check whether an MWAA environment is observable and correctly encrypted (reads AWS)',
    )
    .addOption(envOption().makeOptionMandatory(false))
    .addOption(regionOption())
    .addOption(profileOption())
    .option(
      '--fixture <name>',
      'examine an example environment that ships with the doctor, without AWS',
    )
    .addOption(
      new Option(
        '--witness',
        'ask a real environment what the second witness takes for granted (calls Airflow)',
      ).conflicts('fixture'),
    )
    .option('--json', 'print the report as JSON (doctor/report.schema.json)')
    .addHelpText('after', examples)
    .action(doctor);
}

async function doctor(options: DoctorOptions): Promise<void> {
  const { env, region, profile, fixture, json, witness } = options;
  if (witness) {
    if (env === undefined) throw new UserError('--witness needs --env NAME');
    const { showLive } = await import('./live/show-live.ts');
    process.exitCode = await showLive({ env, region, profile, json });
    return;
  }
  if (fixture !== undefined && (env ?? region ?? profile) !== undefined) {
    throw new UserError(
      '--fixture cannot be combined with --env, --region or --profile: it does not use AWS',
    );
  }
  // Loading the clients of eight services is slow: only --env needs them.
  const { examineEnvironment, examineFixture } = await import('./examine-environment.ts');
  const { showReport } = await import('./examine-environment.ts');
  const report =
    fixture === undefined
      ? await examineEnvironment(env, { region, profile })
      : examineFixture(fixture);
  if (json) console.log(jsonText(report, 2));
  else console.log(showReport(report));
  if (report.result === 'fail') process.exitCode = 1;
  else if (report.checks.some(({ missing }) => missing.length > 0)) process.exitCode = 2;
}
