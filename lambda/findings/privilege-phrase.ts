import { plainSpelling } from './plain-spelling.ts';

/** Signs of a command of Airflow's in a text that cannot be read as one. */

/** Its words, with whatever quotes, commas and brackets of a list stand between them. */
const phrase =
  /(?<![\w./-])(?:add-role|remove-role|add-perms|del-perms|sync-perm|permissions-cleanup)(?![\w./-])|(?<![a-zA-Z0-9-])(?:users|roles)[\s\0'",[\](){}\\+;&|]{1,20}(?:create|delete|import|update|reset-password)(?![\w-])|(?<![\w-])fab(?:-db)?[\s\0'",[\](){}\\+;&|]{1,20}(?:create-admin|create-user|reset-password|import-roles|migrate|downgrade|reset)(?![\w-])/;

/** Whether a text holds the words of a command that changes privileges, however their characters are written. */
export function holdsPrivilegePhrase(text: string): boolean {
  if (phrase.test(text)) return true;
  const plain = plainSpelling(text);
  return plain !== text && phrase.test(plain);
}

/** Names of files and addresses do not run: `airflow_users_import.csv`, `https://x/airflow/users/import`. */
const gluedCommand =
  /(?<!(?<!bin)\/)(?:airflow|flask|\*\*\*)(?:([^\n]{1,12}?)(?:users|roles|fab|fab-db)\1(?:add|remove|del|create|import|update|reset|migrate|downgrade)|(?:[^a-z\n]|%s|\{\w{1,8}\}|split){1,16}(?:users|roles|fab)(?:[^a-z\n]|%s|\{\w{1,8}\}|split){1,16}(?:add|remove|del|create|import|update|reset)|[^\n]{1,6}?(?:sync.perm(?!i)|permissions.cleanup))(?!\w{0,20}\.(?:csv|json|sql|py|ya?ml|txt|sh|log|md|parquet|avro|xlsx?|html?|gz|zip)\b)/i;

/**
 * Whether a text holds the words of a command behind each other with anything between them, the same or
 * signs: `airflow_users_add-role`, `airflow%susers%screate`, in capitals as well. A table may be called
 * so: it is a sign only where something changes the text and runs it.
 */
export function holdsGluedCommand(text: string): boolean {
  return gluedCommand.test(plainSpelling(text));
}

const gluedGroup = /(?:airflow|flask|\*\*\*)[\s'",]{1,10}(?:users|roles|fab)(?![\w.-])/i;
const someVerb =
  /(?<![a-z])(?:create|delete|import|update|migrate|downgrade|(?:add|remove).role|(?:add|del).perms|reset.password)(?![a-z])/i;

/**
 * Whether a text holds the words of a command, the last of them anywhere: `airflow users list` that
 * `s/list/create/` changes. As {@link holdsGluedCommand}, where something changes the text and runs it.
 */
export function holdsCommandApart(text: string): boolean {
  const plain = plainSpelling(text);
  return gluedGroup.test(plain) && someVerb.test(plain);
}

const gluedArguments =
  /(?:users|roles).{1,12}?(?:add|remove|del|create|import|update|reset)|fab.{1,12}?(?:create|reset|import|migrate|downgrade)|(?:sync|permissions).{1,3}(?:perm(?!i)|cleanup)/is;

/** Whether what Airflow's program is given holds the words of a command, with anything between them. */
export function holdsGluedArguments(text: string): boolean {
  return gluedArguments.test(plainSpelling(text));
}

/** What puts other characters into a text: of the shell, of its usual programs, of Python and the like. */
const changes =
  /\$\{!?\w+(?:\[[^\]]{0,20}\])?[/,^#%@~]|\bIFS\b|\b(?:tr|sed|cut|rev|awk|gawk|perl|jq) |\b(?:declare|typeset|local) -\w*[lu]|\.(?:replace|replaceAll|translate|split|rsplit|join|format|lower|upper|swapcase|casefold|strip|maketrans|toLowerCase|toUpperCase|gsub|downcase|tr)\b|\b(?:re|regex)\.|\bunquote|\bunescape|\bsplit\b|\bjoin\b|\bg?sub\(|\btr\/|\bs\/|=~|%[sc]|\bf["']|\bchr\(|\blc\b/;

/** Whether a text has something that changes other texts. */
export function changesTexts(text: string): boolean {
  return changes.test(text);
}

/**
 * How a text speaks of Airflow: as a program that it can run, or only in the name of a folder, a host, a
 * variable; undefined where it does not.
 */
export type AirflowMention = 'program' | 'name' | undefined;

const asProgram =
  /(?:\\[nrt]|(?<![\w-]|-[nUudh] |--(?:namespace|database|schema|user)[ =]|\/(?:local|opt|home|usr)\/))airflow(?:ctl)?(?![\w/.-])/;

const asModule = /\b(?:import|from) airflow|airflow\.__main__|apache\/airflow|aws_mwaa\/cli/;

const asFlask = /(?<![\w./-])flask(?![\w./-])/;

/** The secrets masker hides the word, which is the password of Airflow's first database as well. */
const asMask =
  /\*\*\*[\s'",\\]{1,10}(?:users|roles|fab|fab-db|sync-perm|permissions-cleanup)(?!\w)|(?<!(?:-(?![mc] )[\w-]{1,40}[ =]|[Pp]ass(?:word|wd)?[ =:]{1,3}|\w[=:])['"]?|[\w=:@*]|\/(?:local|opt|home|usr)\/)\*\*\*(?![\w*@:/])/;

export function airflowMention(text: string): AirflowMention {
  const plain = plainSpelling(text);
  const texts = plain === text ? [text] : [text, plain];
  const isProgram = [asProgram, asModule, asFlask, asMask].some((sign) =>
    texts.some((each) => sign.test(each)),
  );
  if (isProgram) return 'program';
  return texts.some((each) => /airflow|\*\*\*/i.test(each)) ? 'name' : undefined;
}

/**
 * Whether a text uses what is not followed: the shell's own copies of its text, prompts that are run,
 * variables that are named by variables.
 */
export function hasHiddenWays(text: string): boolean {
  return hidden.test(text);
}

const hidden =
  /BASH_(?:FUNC|ENV)|PROMPT_COMMAND|LD_PRELOAD|\$_(?!\w)|\$\{_[\W]|@[PE]\}|\$\{!|\bprintenv\b|\b(?:declare|typeset|local) -\w*n|command_not_found_handle|\w\[(?:\$\(|`)/;

/** Whether a text reads itself from the shell or the system, so that even its comments can be run. */
export function readsItself(text: string): boolean {
  return itself.test(text);
}

const itself =
  /BASH_(?:EXECUTION_STRING|COMMAND)|\/proc\/(?:self|\$|\d)[^\s/]{0,20}\/cmdline|\bps\b[^\n;|]{0,40}(?:args|command|cmd)\b/;

/** Programs with such subcommands of their own, which have nothing to do with Airflow. */
const others = new Set(
  [
    'superset gcloud gsutil bq az okta gitlab glab gh vault keycloak kc kc.sh kcadm kcadm.sh terraform tofu',
    'npm yarn npx pnpm dbt spark-submit heroku openstack mongosh mongo redis-cli snowsql snow databricks',
    'doctl flyctl fly oci ibmcloud auth0 firebase supabase stripe hasura django-admin rails rake artisan wp',
    'drush grafana grafana-cli influx rabbitmqctl etcdctl consul nomad argocd tctl pulumi cf sqlcmd aws',
    'kubectl helm eksctl',
  ].flatMap((names) => names.split(' ')),
);

/** Whether a program, by its name without a folder, is known as another one than Airflow. */
export function isOtherProgram(name: string): boolean {
  return others.has(name);
}

const messageOption =
  /^--?(?:m|msg|message|text|title|subject|body|summary|description|comment|note|reason|label|doc)$/;

/** Arguments that are a whole command of Airflow's by themselves, and by their option no message. */
export function wholeCommands(words: readonly string[]): readonly string[] {
  return words.filter(
    (word, at) =>
      /^\s{0,9}(?:[\w./-]{0,200}\/)?airflow\s/.test(word) &&
      !messageOption.test(words[at - 1] ?? ''),
  );
}

/** `airflow users add-role` at a text's end, or with a word behind it that is no option. */
const mention =
  /(?<![\w./-])airflow users (?:add-role|remove-role|create|delete|reset-password)(?![\w-])(?=[)\]'".,:;!?]{0,3}(?:\s{1,4}[(a-z]|\s{0,4}$))/g;

/**
 * Whether a text names commands of Airflow's, and none that Airflow would run: each of them has a user or a
 * role to say by an option.
 */
export function onlyMentions(text: string): boolean {
  if (/[$`|&<>{}*\n]|(?:^|\s)-(?:[uer]|-(?:user|email|role))/.test(text)) return false;
  const rest = text.replace(mention, '');
  return rest !== text && !holdsPrivilegePhrase(rest);
}

/** Files that somebody will run, by their names. */
export function isScript(path: string): boolean {
  return /\.(?:sh|bash|zsh|ksh|py|pl|rb|js|mjs|sql|mk|cron|service)$/i.test(path);
}

/** Files for people to read. */
export function isDocument(path: string): boolean {
  return /\.(?:md|markdown|txt|rst|html?|adoc|tex|log|csv|tsv)$|(?:^|\/)(?:README|CHANGELOG|CHANGES|HISTORY|NEWS|NOTES|TODO|LICENSE|CONTRIBUTING)$/i.test(
    path,
  );
}
