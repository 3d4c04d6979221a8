/**
 * Finds passwords in commands without the monitor's own redaction, so that it can check the
 * redaction.
 */
const passwordOption =
  /\b(?:users create|create-user|create-admin|reset-password)\b[^\n]{0,400}? (?:-p|--password)[ =]["'\\]*([A-Za-z0-9][^\s"'\\,;)\]]{7,})/g;

/** Collects the passwords of the input and searches the monitor's output for them. */
export class SecretWatch {
  readonly #secrets = new Set<string>();
  readonly #leaks = new Set<string>();

  /** Collects the passwords of one input message. */
  learn(message: string): void {
    for (const [, secret = ''] of message.matchAll(passwordOption)) this.#secrets.add(secret);
  }

  /** @param where a description of where the text is */
  look(where: string, text: string): void {
    for (const secret of this.#secrets) if (text.includes(secret)) this.#leaks.add(where);
  }

  get secrets(): ReadonlySet<string> {
    return this.#secrets;
  }

  /** Where passwords of the input appear; never the passwords themselves. */
  get leaks(): readonly string[] {
    return [...this.#leaks];
  }
}
