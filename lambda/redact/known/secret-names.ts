const secretWords =
  /pass(?:word|wd|phrase|code|key)|pgpass|secret|token|credential|authorization|cookie|(?:api|access|account|auth|app|application|client|consumer|private|signing|encryption|fernet|master|storage|shared|session|subscription|license)[-_ ]?key|(?:amz|access)[-_]?signature|bind[-_]?pw|requirepass/i;

/** The same word in other languages, as programs name their fields; accents are often left out. */
const foreignWords =
  /pass?wor[dt]|kennwort|mot[-_ ]?de[-_ ]?passe?|contrase(?:ñ|n\u0303|n|ny)a|clave[-_ ]secreta|senha|has[łl]o|wachtwoord|parola|l(?:ö|o\u0308|o)senord|passord|adgangskode|salasana|heslo|jelsz[oó]|[şs]ifre|lozinka|пароль|пароля|κωδικός|密[码碼]|口令|パスワード|비밀번호|암호|mật khẩu|kata[-_ ]?sandi|รหัสผ่าน|סיסמה|كلمة (?:المرور|السر)|पासवर्ड/i;

/** Short words that count only as whole parts of a name: `DB_PW`, not `bypass`. */
const secretParts =
  /(?:^|[-_.])(?:pass|passwd|pwd|pw|psw|pswd|mdp|otp|totp|jwt|passin|passout)(?:$|[-_\d])/i;

/** Such words at the end of another one: `MYPW`, `storepass`, `dbPwd`. */
const secretEnding = /(?:pass|pwd|pw)$/i;

/** English words that end like this, and the shell's `OLDPWD`. */
const otherEnding = /(?:by|com|tres|sur|encom|over|under|im|out)pass$|^old_?pwd$/i;

/** Matches every text that holds a secret's name, wherever names begin and end. */
export const secretNameParts = `${secretWords.source}|${foreignWords.source}|pass|pw|psw|pswd|mdp|otp|jwt|airflow_conn_`;

const secretNamePart = new RegExp(secretNameParts, 'i');

/** Whether a text may hold the name of a secret, wherever names begin and end in it. */
export function mayHoldSecretName(text: string): boolean {
  return secretNamePart.test(text);
}

/** A service's name in an ARN. */
const service = /^secretsmanager$/i;

/** Endings of names that hold such a word but no secret: a path, a type, an error's class. */
const harmless =
  /(?:file|path|dir|arn|length|policy|type|count|error|exception|warning|view|access[-_]?key[-_]?id)$/i;

/** Names of a URL's parameters that give access: signatures, codes, assertions. */
const addressParameter =
  /^(?:(?:x-\w{1,10}-)?(?:sig|signature)|auth|sas|assertion|samlresponse|code|confirm)$/i;

const nameCharactersMin = 2;

/** A longer text is not a name of a variable or field. */
export const secretNameCharactersMax = 200;

/**
 * Whether the value of a name is a secret: of a variable, a field of JSON, a header, one of
 * Airflow's connections (`AIRFLOW_CONN_*`, a URI or JSON with a password) or MWAA's database
 * (`MWAA__DB__CREDENTIALS`).
 */
export function isSecretName(name: string): boolean {
  return (
    name.length >= nameCharactersMin &&
    name.length <= secretNameCharactersMax &&
    (/^airflow_conn_/i.test(name) ||
      (saysSecret(name) && !harmless.test(name) && !service.test(name)))
  );
}

function saysSecret(name: string): boolean {
  if (secretWords.test(name) || foreignWords.test(name) || secretParts.test(name)) return true;
  return secretEnding.test(name) && !otherEnding.test(name);
}

/** {@link isSecretName} for a parameter of a URL (`?sig=…`). */
export function isSecretParameter(name: string): boolean {
  return isSecretName(name) || addressParameter.test(name);
}

/** Python's argparse accepts abbreviated options (`allow_abbrev`). */
const abbreviatedPassword = /^p(?:a(?:s(?:s(?:w(?:or?)?)?)?)?)?$/;

/** Options with a secret's name that take no value, so that the next word is not theirs. */
const flags = /^(?:use-random|no-|show-|ask-|prompt)|-stdin$|^with-token$/;

/** Long options whose value is a secret although the name does not say so. */
const secretOptions = /^(?:pin|oauth2-bearer|plaintext)$/;

/** Whether a long option, given without its `--`, takes a secret. */
export function isSecretOption(name: string): boolean {
  if (secretOptions.test(name) || abbreviatedPassword.test(name)) return true;
  return isSecretName(name) && !flags.test(name);
}

/** Whether a header's value goes to the end of the line. */
export function isHeaderName(name: string): boolean {
  return /authorization$|cookie$/i.test(name);
}

/**
 * Whether a word looks like a secret by itself: letters of both cases and digits mixed, or signs
 * among them. Words of a language, names, dates and versions do not.
 */
export function looksRandom(word: string): boolean {
  if (word.length < 6 || word.length > 200) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^\w\s.,:;/'"()[\]{}<>=@+-]/];
  const count = kinds.filter((kind) => kind.test(word)).length;
  return count >= 3 || (count === 2 && /\d/.test(word) && /[a-z]\d+[a-z]|\d[a-z]+\d/i.test(word));
}
