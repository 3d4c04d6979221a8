import { baseName, type CommandWord, type ShellState } from './shell-state.ts';
import { sedOnlyShows, takesTexts } from './text-takers.ts';

const setOf = (...names: string[]) => new Set(names.flatMap((each) => each.split(' ')));

/** Built into the shell: no program on its path can replace them. */
const shownByShell = setOf(
  'echo printf : true false test [ [[ for case select cd pwd return exit type shopt umask ulimit let jobs getopts break continue',
);

/** Programs that only show, store or look at their arguments and input. */
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

/** Programs that run the command after them, each with its options that take a value. */
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

/** The program that a command finally runs. */
interface RunProgram {
  /** Its index among the command's words; their number if there is none. */
  readonly at: number;
  /** The runners before it. */
  readonly by: readonly string[];
  /** False if a runner has an unknown option, so that another word may be the program. */
  readonly isCertain: boolean;
}

/** Finds the program after `sudo -u airflow`, `env X=1` and the like. */
export function runProgram(words: readonly CommandWord[]): RunProgram {
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

/** Whether the program that finally runs does nothing with its arguments but show or store them. */
export function onlyShows(words: readonly CommandWord[], state: ShellState): boolean {
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

/** Whether an interpreter's first option gives it code, and not a module or a file to run. */
export function givesCode(name: string, words: readonly CommandWord[]): boolean {
  const option = /^py/.test(name)
    ? /^-[a-zA-Z]{0,6}c$/
    : /^-[a-zA-Z]{0,6}[eEpr]$|^--(?:eval|print|run)\b/;
  const first = words.find(({ text }) => option.test(text) || !/^-[a-ln-zA-LN-Z]/.test(text));
  return first !== undefined && option.test(first.text);
}

/**
 * MWAA runs what is sent there:
 * https://docs.aws.amazon.com/mwaa/latest/userguide/call-mwaa-apis-cli.html
 */
export function isCommandEndpoint(text: string): boolean {
  return text.includes('/aws_mwaa/cli') || maskedEndpoint.test(text);
}

/** The endpoint's path with one of its words masked. */
const maskedEndpoint = /\/(?:\*{3}|\*{3}_?mwaa|aws_?\*{3})\/cli(?!\w)|\/aws_mwaa\/\*{3}(?![\w*])/;

/** Programs that give a text to a shell. */
const shellRunners = setOf(
  'eval source . trap alias su ssh runuser watch parallel batch at crontab script flock',
);

/** Whether a command runs a shell, which reads its arguments or input as commands. */
export function runsShell(words: readonly CommandWord[]): boolean {
  const program = words[runProgram(words).at];
  return words.some((word) => isShell(word.text)) || shellRunners.has(programName(program?.text));
}

/** Whether a program, with or without its folder, is a shell. */
export function isShell(program: string | undefined): boolean {
  return /^-?(?:ba|z|da|a|k|mk|fi)?sh$/.test(programName(program));
}

/** Whether a program runs code of its own language, from a file, an argument or its input. */
export function isInterpreter(program: string | undefined): boolean {
  const name = programName(program);
  return isLanguage(name) || otherInterpreters.test(name);
}

/** Interpreters whose code cannot be judged, so that a command in it is never skipped. */
const otherInterpreters =
  /^(?:awk|gawk|mawk|lua|luajit|tclsh|wish|expect|deno|bun|ts-node|tsx|ipython|Rscript|julia|groovy|jshell|elixir|pwsh|powershell|osascript|make|psql|mysql|sqlite3)[\d.]*$/;

/** Whether a program runs statements of SQL. */
export function isSqlClient(name: string): boolean {
  return sqlClients.has(name);
}

const sqlClients = setOf(
  'psql mysql mariadb sqlite3 duckdb snowsql beeline bq sqlplus clickhouse-client',
);

/** Whether texts may make a SQL client start a program: `\!`, `.shell`, `COPY … FROM PROGRAM`. */
export function runsFromSql(texts: readonly string[]): boolean {
  return texts.some((text) =>
    /[!|`]|\b(?:program|shell|system|sh|host|pager|edit|exec\w*|load\w*|sys_\w+|xp_\w+)\b/i.test(
      text,
    ),
  );
}

/** A program's name without its folder. */
export function programName(path: string | undefined): string {
  return baseName(path ?? '');
}

/** What starts a program, or runs a text as code, in Python, Perl, Ruby and the like. */
const runs =
  /\*{3}|system|popen|subprocess|exec|spawn|fork|\bpty\b|eval|compile|getattr|__import__|importlib|runpy|ctypes|child_process|\bqx\b|`|%x|\bos\.|open\(|write|(?:import|from) airflow|requests|urllib|http/i;

/** Whether an interpreter's code may do more than print. */
export function canRunPrograms(code: string): boolean {
  return runs.test(code);
}
