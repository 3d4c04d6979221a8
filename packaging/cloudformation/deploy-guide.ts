import { nameCharactersMax } from './plain-template.ts';

/**
 * The page beside a template: how to deploy it, with the AWS CLI and with Terraform.
 *
 * @param mwaaEnvironment the environment that the template is for; undefined if that is a parameter
 */
export function deployGuide(codeFile: string, mwaaEnvironment: string | undefined): string {
  const isForAny = mwaaEnvironment === undefined;
  const name = mwaaEnvironment ?? 'prod-airflow';
  const stack = `MonitorStack-${name.replaceAll('_', '-')}`;
  const given = isForAny
    ? [`MwaaEnvironment=${name}`, 'Email=oncall@example.com', 'CodeBucket=BUCKET']
    : ['CodeBucket=BUCKET'];
  const settings = isForAny
    ? `\`MwaaEnvironment\` (at most ${nameCharactersMax} characters), \`Email\` (empty for nobody) and \`CodeBucket\` are parameters; all other settings are the defaults.`
    : `\`CodeBucket\` is the only parameter to give; all settings are those of the environment's file.`;
  const terraformNames = isForAny
    ? `\n    MwaaEnvironment = "${name}"\n    Email           = "oncall@example.com"\n    CodeBucket      =`
    : '\n    CodeBucket =';
  return `# Deploy the privilege monitor without the CDK

\`BUCKET\` is a bucket of yours in the Region of the MWAA environment. The template is larger than CloudFormation takes without one.

\`\`\`sh
aws s3 cp ${codeFile} s3://BUCKET/
aws cloudformation deploy --template-file template.json --s3-bucket BUCKET \\
  --stack-name ${stack} --capabilities CAPABILITY_IAM \\
  --parameter-overrides ${given.join(' ')}
\`\`\`

${settings}
The key of the code holds a hash of it, so that an update with a newer template replaces the function's code: upload the new file first.
Keep the stack's name: the commands of \`privilege-monitor\` find a monitor by it.

With Terraform:

\`\`\`hcl
resource "aws_s3_object" "monitor_code" {
  bucket = "BUCKET"
  key    = "${codeFile}"
  source = "\${path.module}/${codeFile}"
}

resource "aws_s3_object" "monitor_template" {
  bucket = "BUCKET"
  key    = "mwaa-privilege-monitor-\${filesha256("\${path.module}/template.json")}.json"
  source = "\${path.module}/template.json"
}

data "aws_s3_bucket" "monitor" {
  bucket = "BUCKET"
}

resource "aws_cloudformation_stack" "monitor" {
  name         = "${stack}"
  template_url = "https://\${data.aws_s3_bucket.monitor.bucket_regional_domain_name}/\${aws_s3_object.monitor_template.key}"
  capabilities = ["CAPABILITY_IAM"]
  parameters = {${terraformNames} aws_s3_object.monitor_code.bucket
  }
}
\`\`\`
`;
}
