/**
 * The escapes that write a character by its number or name: `\x2d`, `\x{2d}`, `\u002d`, `\u{2d}`,
 * `\U0000002d`, `\055`, `\N{HYPHEN-MINUS}` in C, Python, Perl, JavaScript and JSON, `%2d` in a URL,
 * `&#45;` and `&#x2d;` in HTML, and `\_` for a space in `env -S`. A text within a text has several
 * backslashes.
 */
const written =
  /(?<!\\)\\+(?:x\{?0{0,6}([0-9a-fA-F]{2})\}?|(?:u00|U000000|u\{0{0,6})([0-9a-fA-F]{2})\}?|0{0,2}([1-7][0-7]{1,2})|(0{1,3})(?![0-7])|N\{([A-Z -]{3,40})\}|(_))|%([2-7][0-9a-fA-F])|&#0{0,4}(\d{2,3});|&#[xX]0{0,4}([0-9a-fA-F]{2});/g;

/** Unicode's names of the characters that a command has, letters aside. */
const named: Readonly<Record<string, string>> = {
  SPACE: ' ',
  'HYPHEN-MINUS': '-',
  'LOW LINE': '_',
  SOLIDUS: '/',
  'CHARACTER TABULATION': '\t',
  'LINE FEED': '\n',
};

const mayBeWritten = /\\[xuUN0-7_]|%[2-7]|&#/;

/**
 * Replaces the escapes of printable characters by the characters, and NUL by a space, whatever
 * language the text is in. Only good for searching: some of these escapes may not be escapes in the
 * text's language.
 */
export function plainSpelling(text: string): string {
  if (!mayBeWritten.test(text)) return text;
  return text.replace(written, (whole, ...groups: (string | undefined)[]) => {
    const [hex, unicode, octal, nul, name, space, percent, decimal, hexEntity] = groups;
    if (nul !== undefined || space !== undefined) return ' ';
    if (name !== undefined) return named[name] ?? letterOf(name) ?? whole;
    const hexadecimal = hex ?? unicode ?? percent ?? hexEntity;
    const code =
      hexadecimal !== undefined
        ? Number.parseInt(hexadecimal, 16)
        : Number.parseInt(octal ?? decimal ?? '', octal === undefined ? 10 : 8);
    return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : whole;
  });
}

/** `LATIN SMALL LETTER A` */
function letterOf(name: string): string | undefined {
  const [, size, letter = ''] = /^LATIN (SMALL|CAPITAL) LETTER ([A-Z])$/.exec(name) ?? [];
  if (size === undefined) return undefined;
  return size === 'SMALL' ? letter.toLowerCase() : letter;
}

/** Signs of a command of Airflow's in a text that cannot be read as one. */

/** The words of such a command, with any quotes, commas and brackets of a list between them. */
const phrase =
  /(?<![\w./-])(?:add-role|remove-role|add-perms|del-perms|sync-perm|permissions-cleanup)(?![\w./-])|(?<![a-zA-Z0-9-])(?:users|roles)[\s\0'",[\](){}\\+;&|]{1,20}(?:create|delete|import|update|reset-password)(?![\w-])|(?<![\w-])fab(?:-db)?[\s\0'",[\](){}\\+;&|]{1,20}(?:create-admin|create-user|reset-password|import-roles|migrate|downgrade|reset)(?![\w-])/;

/**
 * Whether a text has the words of a command that changes privileges, also if characters are
 * escaped.
 */
export function holdsPrivilegePhrase(text: string): boolean {
  if (phrase.test(text)) return true;
  const plain = plainSpelling(text);
  return plain !== text && phrase.test(plain);
}

/**
 * Not file names and URLs, which do not run: `airflow_users_import.csv`,
 * `https://x/airflow/users/import`.
 */
const gluedCommand =
  /(?<!(?<!bin)\/)(?:airflow|flask|\*\*\*)(?:([^\n]{1,12}?)(?:users|roles|fab|fab-db)\1(?:add|remove|del|create|import|update|reset|migrate|downgrade)|(?:[^a-z\n]|%s|\{\w{1,8}\}|split){1,16}(?:users|roles|fab)(?:[^a-z\n]|%s|\{\w{1,8}\}|split){1,16}(?:add|remove|del|create|import|update|reset)|[^\n]{1,6}?(?:sync.perm(?!i)|permissions.cleanup))(?!\w{0,20}\.(?:csv|json|sql|py|ya?ml|txt|sh|log|md|parquet|avro|xlsx?|html?|gz|zip)\b)/i;

/**
 * Whether a text has the words of a command one after another, separated by signs or twice by the
 * same text: `airflow_users_add-role`, `airflow%susers%screate`, in any case. A table may have such
 * a name, so this matters only if something changes the text and runs it.
 */
export function holdsGluedCommand(text: string): boolean {
  return gluedCommand.test(plainSpelling(text));
}

const gluedGroup = /(?:airflow|flask|\*\*\*)[\s'",]{1,10}(?:users|roles|fab)(?![\w.-])/i;
const someVerb =
  /(?<![a-z])(?:create|delete|import|update|migrate|downgrade|(?:add|remove).role|(?:add|del).perms|reset.password)(?![a-z])/i;

/**
 * Whether a text has the words of a command, the verb anywhere: `airflow users list` that
 * `s/list/create/` changes. Like {@link holdsGluedCommand}, this matters only if something changes
 * the text and runs it.
 */
export function holdsCommandApart(text: string): boolean {
  const plain = plainSpelling(text);
  return gluedGroup.test(plain) && someVerb.test(plain);
}

const gluedArguments =
  /(?:users|roles).{1,12}?(?:add|remove|del|create|import|update|reset)|fab.{1,12}?(?:create|reset|import|migrate|downgrade)|(?:sync|permissions).{1,3}(?:perm(?!i)|cleanup)/is;

/**
 * Whether the arguments of Airflow's program have the words of a command, with anything between
 * them.
 */
export function holdsGluedArguments(text: string): boolean {
  return gluedArguments.test(plainSpelling(text));
}

/** What changes a text: in the shell, in its usual programs, in Python and the like. */
const changes =
  /\$\{!?\w+(?:\[[^\]]{0,20}\])?[/,^#%@~]|\bIFS\b|\b(?:tr|sed|cut|rev|awk|gawk|perl|jq) |\b(?:declare|typeset|local) -\w*[lu]|\.(?:replace|replaceAll|translate|split|rsplit|join|format|lower|upper|swapcase|casefold|strip|maketrans|toLowerCase|toUpperCase|gsub|downcase|tr)\b|\b(?:re|regex)\.|\bunquote|\bunescape|\bsplit\b|\bjoin\b|\bg?sub\(|\btr\/|\bs\/|=~|%[sc]|\bf["']|\bchr\(|\blc\b/;

/** Whether a text contains code that changes other texts. */
export function changesTexts(text: string): boolean {
  return changes.test(text);
}

/**
 * How a text mentions Airflow: as a program that it can run, or only in the name of a folder, host
 * or variable; undefined if it does not.
 */
export type AirflowMention = 'program' | 'name' | undefined;

const asProgram =
  /(?:\\[nrt]|(?<![\w-]|-[nUudh] |--(?:namespace|database|schema|user)[ =]|\/(?:local|opt|home|usr)\/))airflow(?:ctl)?(?![\w/.-])/;

const asModule = /\b(?:import|from) airflow|airflow\.__main__|apache\/airflow|aws_mwaa\/cli/;

const asFlask = /(?<![\w./-])flask(?![\w./-])/;

/**
 * The secrets masker may hide the word `airflow`: it is the default password of Airflow's database.
 */
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
 * Whether a text uses features that are not followed: the shell's copies of its own text, prompts
 * that run commands, variables named by variables.
 */
export function hasHiddenWays(text: string): boolean {
  return hidden.test(text);
}

const hidden =
  /BASH_(?:FUNC|ENV)|PROMPT_COMMAND|LD_PRELOAD|\$_(?!\w)|\$\{_[\W]|@[PE]\}|\$\{!|\bprintenv\b|\b(?:declare|typeset|local) -\w*n|command_not_found_handle|\w\[(?:\$\(|`)/;

/** Whether a text reads itself from the shell or the system, so that even its comments may run. */
export function readsItself(text: string): boolean {
  return itself.test(text);
}

const itself =
  /BASH_(?:EXECUTION_STRING|COMMAND)|\/proc\/(?:self|\$|\d)[^\s/]{0,20}\/cmdline|\bps\b[^\n;|]{0,40}(?:args|command|cmd)\b/;

/** Programs that have such subcommands and nothing to do with Airflow. */
const others = new Set(
  [
    'superset gcloud gsutil bq az okta gitlab glab gh vault keycloak kc kc.sh kcadm kcadm.sh terraform tofu',
    'npm yarn npx pnpm dbt spark-submit heroku openstack mongosh mongo redis-cli snowsql snow databricks',
    'doctl flyctl fly oci ibmcloud auth0 firebase supabase stripe hasura django-admin rails rake artisan wp',
    'drush grafana grafana-cli influx rabbitmqctl etcdctl consul nomad argocd tctl pulumi cf sqlcmd aws',
    'kubectl helm eksctl',
  ].flatMap((names) => names.split(' ')),
);

/** Whether a program, named without its folder, is known not to be Airflow. */
export function isOtherProgram(name: string): boolean {
  return others.has(name);
}

const messageOption =
  /^--?(?:m|msg|message|text|title|subject|body|summary|description|comment|note|reason|label|doc)$/;

/**
 * Arguments that are a whole command of Airflow's, unless their option says that they are a
 * message.
 */
export function wholeCommands(words: readonly string[]): readonly string[] {
  return words.filter(
    (word, at) =>
      /^\s{0,9}(?:[\w./-]{0,200}\/)?airflow\s/.test(word) &&
      !messageOption.test(words[at - 1] ?? ''),
  );
}

/** `airflow users add-role` at the end of a text, or before a word that is no option. */
const mention =
  /(?<![\w./-])airflow users (?:add-role|remove-role|create|delete|reset-password)(?![\w-])(?=[)\]'".,:;!?]{0,3}(?:\s{1,4}[(a-z]|\s{0,4}$))/g;

/**
 * Whether a text only names commands of Airflow's, and has none that Airflow would run: each of
 * them needs options for a user or a role.
 */
export function onlyMentions(text: string): boolean {
  if (/[$`|&<>{}*\n]|(?:^|\s)-(?:[uer]|-(?:user|email|role))/.test(text)) return false;
  const rest = text.replace(mention, '');
  return rest !== text && !holdsPrivilegePhrase(rest);
}

/** Whether a file is a script, by its name: somebody may run it. */
export function isScript(path: string): boolean {
  return /\.(?:sh|bash|zsh|ksh|py|pl|rb|js|mjs|sql|mk|cron|service)$/i.test(path);
}

/** Whether a file is for people to read, by its name. */
export function isDocument(path: string): boolean {
  return /\.(?:md|markdown|txt|rst|html?|adoc|tex|log|csv|tsv)$|(?:^|\/)(?:README|CHANGELOG|CHANGES|HISTORY|NEWS|NOTES|TODO|LICENSE|CONTRIBUTING)$/i.test(
    path,
  );
}
