/**
 * A member of what MWAA's command endpoint answers: `{"stderr": "…", "stdout": "…"}`, in base64.
 */
const encodedMember =
  /["']std(?:out|err)["']\s{0,4}:\s{0,4}["'](?<encoded>[A-Za-z0-9+/]{16,}={0,2})["']?/g;

const encodedText = /^[A-Za-z0-9+/]{16,}={0,2}$/;

/**
 * Decodes the outputs of commands that an event's texts hold in base64. Reads each text at most
 * twice.
 *
 * @param texts those of the event; for JSON its strings, so that a member's value follows its name
 */
export function decodedOutputs(texts: readonly string[]): readonly string[] {
  const outputs: string[] = [];
  texts.forEach((text, at) => {
    const name = texts[at - 1];
    if ((name === 'stdout' || name === 'stderr') && encodedText.test(text)) {
      outputs.push(decode(text));
    }
    if (!text.includes('std')) return;
    for (const { groups } of text.matchAll(encodedMember))
      outputs.push(decode(groups?.encoded ?? ''));
  });
  return outputs;
}

function decode(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString('utf8').toWellFormed();
}
