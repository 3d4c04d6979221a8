/**
 * Passwords as a plain look at commands finds them: nothing of the monitor's own redaction is used, so
 * that the one can be held to the other.
 */
const passwordOption =
  /\b(?:users create|create-user|create-admin|reset-password)\b[^\n]{0,400}? (?:-p|--password)[ =]["'\\]*([A-Za-z0-9][^\s"'\\,;)\]]{7,})/g;

/** Keeps passwords that the input holds, and looks for them in what the monitor says. */
export class SecretWatch {
  readonly #secrets = new Set<string>();
  readonly #leaks = new Set<string>();

  /** One message of the input. */
  learn(message: string): void {
    for (const [, secret = ''] of message.matchAll(passwordOption)) this.#secrets.add(secret);
  }

  /** @param where the text is, for a person */
  look(where: string, text: string): void {
    for (const secret of this.#secrets) if (text.includes(secret)) this.#leaks.add(where);
  }

  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /** Where passwords of the input stand; never the passwords. */
  get leaks(): readonly string[] {
    return [...this.#leaks];
  }
}
