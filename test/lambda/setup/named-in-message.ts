/** The parts of a published message that people and machines read. */
export interface PublishedMessage {
  readonly Message?: string | undefined;
}

const findingId = /\b[0-9a-f]{32}\b/g;

/**
 * The ids of the findings that a message to the findings topic names: those that are both in its JSON
 * for machines and in its mail.
 */
export function namedInMessage({ Message = '' }: PublishedMessage): string[] {
  const texts: { readonly default: string; readonly email: string } = JSON.parse(Message);
  const inMail = new Set(texts.email.match(findingId));
  return idsInJson(JSON.parse(texts.default)).filter((id) => inMail.has(id));
}

function idsInJson(published: {
  readonly kind: string;
  readonly id?: string;
  readonly findings?: readonly { readonly id: string }[];
}): string[] {
  const { kind, id, findings = [] } = published;
  if (kind === 'digest' || kind === 'minimal') return findings.map((finding) => finding.id);
  return id === undefined ? [] : [id];
}
