import { sedOnlyShows } from './sed-call.ts';
import type { ShellWord } from './shell-command.ts';
import { baseName, type ShellState } from './shell-state.ts';
import { takesTexts } from './text-takers.ts';

const setOf = (...names: string[]) => new Set(names.flatMap((each) => each.split(' ')));

/** The shell's own: no folder on its path can replace them. */
const shownByShell = setOf(
  'echo printf : true false test [ [[ for case select cd pwd return exit type shopt umask ulimit let jobs getopts break continue',
);

/** They only show, store or look at their arguments and what they read. */
const shownByPrograms = setOf(
  'cat grep egrep fgrep zgrep ls which help uniq cut tr rev nl fold paste comm tac strings od xxd',
  'head tail wc diff basename dirname tee base64 jq yq column logger iconv gzip gunzip zcat',
  'hostname whoami id uname tput clear tty df du free uptime stat file readlink realpath cal cmp',
  'md5sum sha256sum cksum shuf nproc groups locale',
  'cp mv rm mkdir touch chmod chown ln install date sleep seq pip curl wget mail wait kill',
);

/** As {@link shownByPrograms}, unless their options or scripts name a program to run. */
const shownUnless: Readonly<Record<string, RegExp>> = {
  rg: /^--pre/,
  ag: /^--pager/,
  ack: /^--(?:pager|ackrc|env)/,
  sort: /^--comp/,
  less: /^\+|^-[kK]/,
  awk: /^-[fi]|^--(?:file|inc|load)|system|getline|[|>]/,
  gawk: /^-[fil]|^--(?:file|inc|load)|system|getline|[|>]/,
};

/** They run the command behind them; and the options of each that take a value. */
const runners: Readonly<Record<string, string>> = {
  sudo: '-u -g -h -p -C -r -t -T -U -D',
  doas: '-u -C',
  env: '-u -C --chdir --unset',
  timeout: '-s -k --signal --kill-after',
  nice: '-n --adjustment',
  ionice: '-c -n -p',
  nohup: '',
  command: '',
  builtin: '',
  exec: '-a',
  time: '-o -f --output --format',
  xargs: '-a -I -n -P -s -d -E -L --arg-file --max-args --max-procs --delimiter --replace',
  stdbuf: '-i -o -e',
  setsid: '',
  unbuffer: '',
  chronic: '',
};

/** Where the program stands that a command runs in the end. */
export interface RunProgram {
  readonly at: number;
  /** Runners that run it. */
  readonly by: readonly string[];
  /** An option of a runner that is not known: another word may be the program as well. */
  readonly isCertain: boolean;
}

/** Finds the program behind `sudo -u airflow`, `env X=1` and the like. */
export function runProgram(words: readonly ShellWord[]): RunProgram {
  const by: string[] = [];
  let takesValue: readonly string[] = [];
  let isCertain = true;
  let at = 0;
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? '';
    const name = programName(text);
    if (Object.hasOwn(runners, name)) {
      by.push(name);
      takesValue = (runners[name] ?? '').split(' ');
    } else if (by.length > 0 && /^-/.test(text)) {
      if (takesValue.includes(text)) at += 1;
      else if (!/^-(?:[a-zA-Z0]|-[a-z-]+=?.*|[IndsPLuk].+|)$/.test(text)) isCertain = false;
    } else if (by.length === 0 || !/^\d+(?:\.\d+)?[smhd]?$|^\w+=/.test(text)) break;
  }
  return { at, by, isCertain };
}

/**
 * Whether the program that runs in the end only shows or stores what it is given, so that this goes
 * where its output goes and nowhere else.
 */
export function onlyShows(words: readonly ShellWord[], state: ShellState): boolean {
  if (state.hasHiddenWays) return false;
  const { at, isCertain } = runProgram(words);
  const word = words[at];
  if (word === undefined || word.dynamic || !isCertain) return false;
  const { text } = word;
  const name = programName(text);
  // `./echo` may be anything.
  if (text !== name && !/^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/.test(text)) return false;
  if (state.redefined.has(name) || state.hasFile(name)) return false;
  if (shownByShell.has(name) && text === name) return true;
  if (state.isPathChanged && text === name) return false;
  const rest = words.slice(at + 1);
  const texts = rest.map((each) => each.text);
  if (takesTexts(name, texts)) return !texts.some(isCommandEndpoint);
  if (/^(?:curl|wget)$/.test(name)) return !rest.some((each) => isCommandEndpoint(each.text));
  if (name === 'sed') return sedOnlyShows(texts);
  if (isLanguage(name)) return givesCode(name, rest) && !canRunPrograms(texts.join('\n'));
  if (name === 'man') return !rest.some((each) => /^-[PH]|^--(?:pager|html)/.test(each.text));
  if (Object.hasOwn(shownUnless, name)) {
    return !rest.some((each) => shownUnless[name]?.test(each.text));
  }
  return shownByPrograms.has(name);
}

/** Interpreters whose code {@link canRunPrograms} can judge, with any version: `python3.11`. */
const languages = /^(?:python|pypy|perl|ruby|node|nodejs|php)[\d.]*$/;

/** Whether a program, without its folder, is an interpreter whose code can be judged. */
export function isLanguage(name: string): boolean {
  return languages.test(name);
}

/** Whether the first options have a program in the command itself, and not in a module or a file. */
export function givesCode(name: string, words: readonly ShellWord[]): boolean {
  const option = /^py/.test(name)
    ? /^-[a-zA-Z]{0,6}c$/
    : /^-[a-zA-Z]{0,6}[eEpr]$|^--(?:eval|print|run)\b/;
  const first = words.find(({ text }) => option.test(text) || !/^-[a-ln-zA-LN-Z]/.test(text));
  return first !== undefined && option.test(first.text);
}

/** MWAA runs what is sent there: https://docs.aws.amazon.com/mwaa/latest/userguide/call-mwaa-apis-cli.html */
export function isCommandEndpoint(text: string): boolean {
  return text.includes('/aws_mwaa/cli') || maskedEndpoint.test(text);
}

/** Of its path the secrets masker took a word. */
const maskedEndpoint = /\/(?:\*{3}|\*{3}_?mwaa|aws_?\*{3})\/cli(?!\w)|\/aws_mwaa\/\*{3}(?![\w*])/;

/** They give a text to a shell. */
const shellRunners = setOf(
  'eval source . trap alias su ssh runuser watch parallel batch at crontab script flock',
);

/** Whether a shell is among the words: it reads what it is given as a text of its own. */
export function runsShell(words: readonly ShellWord[]): boolean {
  const program = words[runProgram(words).at];
  return words.some((word) => isShell(word.text)) || shellRunners.has(programName(program?.text));
}

/** Whether a program, with or without its folder, is a shell. */
export function isShell(program: string | undefined): boolean {
  return /^-?(?:ba|z|da|a|k|mk|fi)?sh$/.test(programName(program));
}

/** They read a program of their own language from a file, an argument or what is piped into them. */
export function isInterpreter(program: string | undefined): boolean {
  const name = programName(program);
  return isLanguage(name) || otherInterpreters.test(name);
}

/** Nothing is known of what their code does, so that what it holds is never passed over. */
const otherInterpreters =
  /^(?:awk|gawk|mawk|lua|luajit|tclsh|wish|expect|deno|bun|ts-node|tsx|ipython|Rscript|julia|groovy|jshell|elixir|pwsh|powershell|osascript|make|psql|mysql|sqlite3)[\d.]*$/;

/** They run statements of SQL. */
export function isSqlClient(name: string): boolean {
  return sqlClients.has(name);
}

const sqlClients = setOf(
  'psql mysql mariadb sqlite3 duckdb snowsql beeline bq sqlplus clickhouse-client',
);

/** Whether a client of SQL may start a program: `\!`, `.shell`, `COPY … FROM PROGRAM`, a pager. */
export function runsFromSql(texts: readonly string[]): boolean {
  return texts.some((text) =>
    /[!|`]|\b(?:program|shell|system|sh|host|pager|edit|exec\w*|load\w*|sys_\w+|xp_\w+)\b/i.test(
      text,
    ),
  );
}

/** A program without its folder. */
export function programName(path: string | undefined): string {
  return baseName(path ?? '');
}

/** What starts a program in Python, Perl, Ruby and the like, or makes a text of theirs a program. */
const runs =
  /\*{3}|system|popen|subprocess|exec|spawn|fork|\bpty\b|eval|compile|getattr|__import__|importlib|runpy|ctypes|child_process|\bqx\b|`|%x|\bos\.|open\(|write|(?:import|from) airflow|requests|urllib|http/i;

/** Whether code of an interpreter can do more than print. */
export function canRunPrograms(code: string): boolean {
  return runs.test(code);
}
