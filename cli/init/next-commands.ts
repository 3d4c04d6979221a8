import { cdkCommand, configuredBy } from '../../infra/naming/cdk-commands.ts';

/** What to run after the file of an environment was written. @param file its name without `.yaml` */
export function nextCommands(file: string): string[] {
  return [
    `  npx privilege-monitor doctor --env ${file}    # can its logs be read?`,
    `  ${cdkCommand('deploy', configuredBy(file, { file }))}`,
    `  npx privilege-monitor send-test --env ${file}    # do mails reach you?`,
  ];
}
