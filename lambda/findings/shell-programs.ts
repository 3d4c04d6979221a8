import type { ShellCommand, ShellWord } from './shell-command.ts';

/** They only show or store their arguments, unless what they write is piped into a shell. */
const showsText = new Set(
  [
    'echo printf cat grep egrep fgrep rg ls which type man help less',
    ': true false test [ [[ for case select read trap complete',
    'logger sed awk head tail wc diff sort basename dirname tee',
    'cp mv rm mkdir touch chmod chown cd git pip curl wget mail vi vim nano',
  ].flatMap((names) => names.split(' ')),
);

/** They run the command behind them. */
const runners = new Set([
  ...['sudo', 'env', 'timeout', 'nice', 'ionice', 'nohup', 'command', 'builtin', 'exec', 'time'],
  ...['xargs', 'stdbuf', 'setsid', 'gosu', 'doas', 'unbuffer', 'chronic'],
]);

/** Whether the program that runs in the end only shows or stores what it is given. */
export function onlyShows({ words }: ShellCommand): boolean {
  let at = 0;
  let isRun = false;
  for (; at < words.length; at++) {
    const text = words[at]?.text ?? '';
    if (runners.has(programName(text))) isRun = true;
    else if (!isRun || !/^-|^\d+[a-z]?$|^\w+=/.test(text)) break;
    // An option's value, as in `sudo -u airflow`.
    else if (/^-[ugnIksPL]$/.test(text)) at += 1;
  }
  return showsText.has(programName(words[at]?.text));
}

/** Whether a shell's text runs nothing but `echo`, `git commit` and the like. */
export function allOnlyShow(commands: readonly ShellCommand[]): boolean {
  return (
    commands.length > 0 &&
    commands.every((command) => onlyShows(command) && (!command.feeds || onlyShows(command.feeds)))
  );
}

/** Whether a shell is among the words: it reads what it is given as a text of its own. */
export function runsShell(words: readonly ShellWord[]): boolean {
  return words.some((word) => isShell(word.text));
}

/** Whether a program, with or without its folder, is a shell. */
export function isShell(program: string | undefined): boolean {
  return /^(?:ba|z|da|a|k|mk)?sh$/.test(programName(program));
}

/** A program without its folder. */
export function programName(path: string | undefined): string {
  return path?.slice(path.lastIndexOf('/') + 1) ?? '';
}
