/** A text as Python's `repr` formats it. */
export function pythonText(value: string): string {
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`);
  return quote + escaped + quote;
}

export function pythonList(words: readonly string[]): string {
  return `[${words.map(pythonText).join(', ')}]`;
}

/** The list of arguments by which Airflow's BashOperator runs a script. */
export function bashArguments(script: string): string {
  return pythonList(['/usr/bin/bash', '-c', script]);
}

/** What Airflow logs about these arguments. */
export function bash(script: string): string {
  return `Running command: ${bashArguments(script)}`;
}

/** A line of a command's output as Airflow 2 logs it. */
export function airflow2(text: string): string {
  return `[2026-11-22T05:48:53.140+0000] {subprocess.py:88} INFO - ${text}`;
}

/** A line of a command's output as Airflow 3 logs it. */
export function airflow3(text: string): string {
  return JSON.stringify({ level: 'info', event: text, logger: 'airflow.task' });
}
