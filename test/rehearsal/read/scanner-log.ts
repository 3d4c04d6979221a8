import { z } from 'zod';

/** One decision of the deployed function, as its log has it. */
const decisionSchema = z.looseObject({
  level: z.enum(['info', 'warn', 'error']),
  decision: z.string(),
  tick: z.string().optional(),
  id: z.string().optional(),
  ids: z.array(z.string()).optional(),
  isNew: z.boolean().optional(),
});

export type Decision = z.infer<typeof decisionSchema>;

/**
 * The decisions in the messages of the function's log group. Lambda's own lines (`START RequestId: …`) are
 * none; the emulator puts a prefix before each line.
 */
export function decisionsIn(messages: readonly string[]): Decision[] {
  return messages.flatMap((message) => {
    const start = message.indexOf('{"level"');
    return start < 0 ? [] : [decisionSchema.parse(JSON.parse(message.slice(start)))];
  });
}

/** The ids of the findings that were recorded, each once. */
export function recordedIds(decisions: readonly Decision[]): Set<string> {
  return new Set(
    decisions.flatMap(({ decision, id }) =>
      decision === 'finding-recorded' && id !== undefined ? [id] : [],
    ),
  );
}

/** The ids of the findings that people were notified of, as often as they were. */
export function notifiedIds(decisions: readonly Decision[]): string[] {
  return decisions.flatMap(({ decision, ids }) =>
    decision === 'findings-notified' ? (ids ?? []) : [],
  );
}

/** Ids that occur in only one of two lists, or more often in one than in the other. */
export function unequal(
  left: Iterable<string>,
  right: Iterable<string>,
): { readonly id: string; readonly times: readonly [left: number, right: number] }[] {
  const times = new Map<string, [number, number]>();
  const count = (ids: Iterable<string>, side: 0 | 1) => {
    for (const id of ids) {
      const counted = times.get(id) ?? [0, 0];
      counted[side] += 1;
      times.set(id, counted);
    }
  };
  count(left, 0);
  count(right, 1);
  return [...times].filter(([, [a, b]]) => a !== b).map(([id, pair]) => ({ id, times: pair }));
}
