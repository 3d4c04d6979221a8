const secretWords =
  /pass(?:word|wd|phrase|code)|pgpass|secret|token|credential|authorization|cookie|(?:api|access|private|signing|encryption|fernet)[-_]?key|amz-signature/i;

/** Short words, that say something only as whole parts of a name: `DB_PW`, not `bypass`. */
const secretParts = /(?:^|[-_])(?:pass|passwd|pwd|pw|psw|pswd)(?:$|[-_\d])/i;

/** Names that hold one of those words and tell nothing: a place, a kind, an error's class. */
const harmless =
  /(?:file|path|dir|arn|length|policy|type|count|error|exception|warning|view|access[-_]?key[-_]?id)$/i;

const nameCharactersMin = 2;

/** No name of a variable or field is longer. */
export const nameCharactersMax = 200;

/**
 * Whether what is assigned to a name is a secret: variables, fields of JSON, headers, Airflow's
 * connections (`AIRFLOW_CONN_*`, values are URIs or JSON with a password) and MWAA's database
 * (`MWAA__DB__CREDENTIALS`).
 */
export function isSecretName(name: string): boolean {
  return (
    name.length >= nameCharactersMin &&
    name.length <= nameCharactersMax &&
    (/^airflow_conn_/i.test(name) ||
      ((secretWords.test(name) || secretParts.test(name)) && !harmless.test(name)))
  );
}

/** Python's argparse takes any beginning of an option's name (`allow_abbrev`). */
const abbreviatedPassword = /^p(?:a(?:s(?:s(?:w(?:or?)?)?)?)?)?$/;

/** Options of such a name that take no value, so that the next word is not theirs. */
const flags = /^(?:use-random|no-|show-|ask-|prompt)|-stdin$/;

/** Whether a long option, given without its `--`, takes a secret. */
export function isSecretOption(name: string): boolean {
  return (isSecretName(name) && !flags.test(name)) || abbreviatedPassword.test(name);
}

/** Headers whose value runs to the end of the line. */
export function isHeaderName(name: string): boolean {
  return /authorization$|cookie$/i.test(name);
}
