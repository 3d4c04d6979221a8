import type { FindingRecord } from '../../lambda/findings/finding-record.ts';
import { streamIdOf } from '../../lambda/ledger/stream-id.ts';
import { findingsIn } from './ledger-view.ts';
import type { ChangePlan } from './schedule/lines.ts';
import type { World } from './world/world.ts';

/** Whether a finding is the one of a change: by whom it names, in the stream of the change's lines. */
export function isAbout(
  { finding, streamId }: Pick<FindingRecord, 'finding' | 'streamId'>,
  { story, user, lines, isCovered }: ChangePlan,
): boolean {
  const [first] = lines;
  if (first === undefined || streamIdOf(first) !== streamId) return false;
  // Taken for a part of another change, it is told as such.
  if (isCovered && finding.evidence.some(({ message }) => message.includes(user))) return true;
  switch (story.kind) {
    case 'web-form':
      return finding.actor.user === user;
    // A statement names whom it is about in a place that nothing reads.
    case 'sql':
      return finding.evidence.some(({ message }) => message.includes(user));
    default:
      return finding.target?.split(', ').includes(user) === true;
  }
}

/**
 * The changes that people were told of, by the ids of the messages; or that was approved, which
 * have a rule of their own.
 */
export function toldChanges(world: Pick<World, 'dynamo' | 'messages' | 'changes'>) {
  const told = new Set(world.messages.flatMap(({ findings }) => findings.map(({ id }) => id)));
  const records = findingsIn(world.dynamo).filter(
    ({ finding, silenced }) => told.has(finding.id) || silenced !== undefined,
  );
  return new Set(
    world.changes.filter((change) => records.some((record) => isAbout(record, change))),
  );
}
