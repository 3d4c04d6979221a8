import { isDocument } from '../../text/privilege-phrase.ts';

/**
 * Programs that store, send or search for the texts among their arguments and run none of them: a
 * message, a query, a commit. Such a text is no command.
 */

const setOf = (...names: string[]) => new Set(names.flatMap((each) => each.split(' ')));

/** Programs whose arguments are always only texts. */
const always = setOf(
  'slack slackcat slack-cli notify-send sendmail mailx msmtp ntfy apprise telegram-send wall write',
  'jira jira-cli twilio pagerduty opsgenie xmessage zenity dialog whiptail figlet toilet cowsay banner',
  'http https xh curlie dbt kafka-console-producer kafka-console-producer.sh kcat kafkacat mosquitto_pub',
  'redis-cli s3cmd',
);

/**
 * Programs whose arguments are only texts with these subcommands: their first two words, options
 * aside.
 */
const withSubcommand: Readonly<Record<string, RegExp>> = {
  git: /^(?:commit|log|grep|tag|show|notes|stash|diff|status|add|push)\b/,
  gh: /^(?:issue|pr|release|gist|label|search)\b/,
  glab: /^(?:issue|mr|release|snippet|label)\b/,
  hub: /^(?:issue|pr|pull-request|release|gist)\b/,
  gcloud: /^(?:pubsub|logging)\b/,
  vault: /^(?:kv|write)\b/,
  nats: /^pub\b/,
  kubectl: /^(?:annotate|label|get|describe|logs|explain)\b/,
  aws: /^(?:sns|sqs|logs|ses|sesv2|cloudwatch|kinesis|firehose|dynamodb|secretsmanager|support|chatbot|pinpoint|connect|kms|sts) |^ssm (?:put|get|describe|delete|list|label)-/,
};

/** Options before the subcommand that take a value. */
const valuedOptions: Readonly<Record<string, RegExp>> = {
  git: /^-C$|^--(?:git-dir|work-tree|namespace)$/,
  gh: /^(?:-R|--repo)$/,
  glab: /^(?:-R|--repo)$/,
  kubectl: /^(?:-n|--namespace|--context|--cluster|--kubeconfig|-s|--server|--user|--token)$/,
  aws: /^--(?:profile|region|output|endpoint-url|query|color|ca-bundle|cli-(?:read|connect)-timeout)$/,
  gcloud: /^--(?:project|account|configuration|verbosity|format)$/,
};

/**
 * Options before the subcommand that may name a program: git's settings have aliases, pagers and
 * hooks.
 */
const namesProgram: Readonly<Record<string, RegExp>> = { git: /^(?:-c|--exec-path|--config-env)/ };
/** Arguments anywhere that name a program to run. */
const runsProgram: Readonly<Record<string, RegExp>> = {
  git: /^(?:-O|ext::|--(?:open-files|receive-pack|upload-pack|exec|ext-diff|textconv))/,
};

/**
 * Whether a program only stores, sends or searches for its arguments.
 *
 * @param name without its folder
 * @param rest its arguments
 */
export function takesTexts(name: string, rest: readonly string[]): boolean {
  if (always.has(name)) return true;
  if (!Object.hasOwn(withSubcommand, name)) return false;
  if (rest.some((text) => runsProgram[name]?.test(text))) return false;
  const subcommand = subcommandOf(name, rest);
  return subcommand !== undefined && withSubcommand[name]?.test(subcommand) === true;
}

/**
 * Subcommands of AWS and Kubernetes that run a text or pass it to something that does: a command
 * for a machine, a task or a job, or an event that a rule turns into a command.
 */
const running: Readonly<Record<string, RegExp>> = {
  aws: /^(?:ssm|ecs|batch|lambda|mwaa|events|scheduler|stepfunctions|ec2|emr\S*|glue|codebuild|codepipeline|sagemaker|eks|lightsail|apprunner|cloudformation|autoscaling) /,
  kubectl: /^(?:exec|run|debug|create|apply|patch|set|replace|cp|attach)\b/,
};

/** Whether a program that has no commands of Airflow's may run one from its arguments. */
export function handsOnCommands(name: string, rest: readonly string[]): boolean {
  if (!Object.hasOwn(running, name)) return false;
  return running[name]?.test(subcommandOf(name, rest) ?? '') === true;
}

/**
 * The first two words after the leading options; undefined if one of the options names a program.
 */
function subcommandOf(name: string, rest: readonly string[]): string | undefined {
  let at = 0;
  for (; rest[at]?.startsWith('-') === true; at += 1) {
    const text = rest[at] ?? '';
    if (namesProgram[name]?.test(text) === true) return undefined;
    if (valuedOptions[name]?.test(text) === true) at += 1;
  }
  return `${rest[at] ?? ''} ${rest[at + 1] ?? ''}`;
}

/** The arguments of a call of GNU sed. */
interface SedCall {
  readonly scripts: readonly string[];
  readonly files: readonly string[];
  /** `-f`: a script is in a file. */
  readonly readsScript: boolean;
  /** `-i`: it writes its output into its files. */
  readonly inPlace: boolean;
}

/** @param args the words after the program's name */
function readSed(args: readonly string[]): SedCall {
  const scripts: string[] = [];
  const others: string[] = [];
  let [readsScript, inPlace] = [false, false];
  let awaited: string | undefined;
  for (const text of args) {
    const [, letters, value = ''] = /^-([nErsuzb]{0,20}[efl])(.*)$/s.exec(text) ?? [];
    if (awaited !== undefined) {
      if (awaited === 'e') scripts.push(text);
      awaited = undefined;
    } else if (letters !== undefined) {
      const option = letters.slice(-1);
      if (option === 'f') readsScript = true;
      if (value === '') awaited = option;
      else if (option === 'e') scripts.push(value);
    } else if (text.startsWith('--expression=')) scripts.push(text.slice('--expression='.length));
    else if (text.startsWith('--file')) readsScript = true;
    else if (/^-[nErsuzb]{0,20}i|^--in-place/.test(text)) inPlace = true;
    else if (!/^-./.test(text)) others.push(text);
  }
  const isGiven = scripts.length > 0 || readsScript;
  return isGiven
    ? { scripts, files: others, readsScript, inPlace }
    : { scripts: others.slice(0, 1), files: others.slice(1), readsScript, inPlace };
}

/** Whether sed only prints its output, or writes it only into files that people read. */
export function sedOnlyShows(args: readonly string[]): boolean {
  const { scripts, files, readsScript, inPlace } = readSed(args);
  if (readsScript || (inPlace && !files.every(isDocument))) return false;
  return scripts.every((script) => isSubstitution(script) || !mayRun(script));
}

/** The files that sed changes in place. */
export function filesOfSed(args: readonly string[]): readonly string[] {
  const { files, inPlace } = readSed(args);
  return inPlace ? files : [];
}

/** Looks for the commands and flags `e`, which runs a text, `w`, which writes a file, and `r`. */
function mayRun(script: string): boolean {
  return /(?:^|[;{}\n\d$/! \t,])[ewr](?:[ \t]|$)|[^\w\s]\w{0,5}[ew](?:[\s;}]|$)/.test(script);
}

/** An optional address of lines, by number or regular expression, then `s` with its delimiter. */
const beginning =
  /[\s;]{0,50}(?:(?:\d{1,9}|\$|\/(?:[^/\\\n]|\\.)*\/)(?:,(?:\d{1,9}|\$|\/(?:[^/\\\n]|\\.)*\/))?)?[ \t]{0,5}!?[ \t]{0,5}s([^\w\s\\])/y;
const flags = /[gpIiMm\d]{0,20}[ \t]{0,50}/y;
const end = /[\s;]{0,50}$/y;

/** Whether a script consists of `s` commands that run nothing: an `e` in their texts is no flag. */
function isSubstitution(script: string): boolean {
  let at = 0;
  for (;;) {
    beginning.lastIndex = at;
    const [whole, delimiter = ''] = beginning.exec(script) ?? [];
    if (whole === undefined) return false;
    at += whole.length;
    for (let parts = 0; parts < 2; parts += 1) {
      while (at < script.length && script[at] !== delimiter) at += script[at] === '\\' ? 2 : 1;
      at += 1;
    }
    if (at > script.length) return false;
    flags.lastIndex = at;
    at += flags.exec(script)?.[0].length ?? 0;
    end.lastIndex = at;
    if (end.test(script)) return true;
    if (script[at] !== ';' && script[at] !== '\n') return false;
  }
}
