/** A word that is being read. */
export interface OpenWord {
  text: string;
  dynamic: boolean;
}

/** A shell command that is being read. */
export interface OpenShellCommand {
  words: OpenWord[];
  input: string[];
  feeds?: OpenShellCommand;
  silenced: boolean;
  /** Its standard output goes elsewhere than to the log. */
  outputIsAway: boolean;
}

export function emptyCommand(): OpenShellCommand {
  return { words: [], input: [], silenced: false, outputIsAway: false };
}
