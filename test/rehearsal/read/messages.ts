import { z } from 'zod';

const messageSchema = z.looseObject({
  kind: z.enum(['finding', 'update', 'digest', 'minimal', 'test']),
  id: z.string().optional(),
  title: z.string().optional(),
  detections: z.array(z.string()).optional(),
  target: z.string().optional(),
  late: z.boolean().optional(),
  laterLook: z.boolean().optional(),
  findings: z.array(z.looseObject({ id: z.string() })).optional(),
});

/** A message of the findings topic, as a queue that subscribes to it receives it. */
export type FindingMessage = z.infer<typeof messageSchema>;

/** What SNS puts into a queue: the message as a text inside. */
const envelopeSchema = z.looseObject({ Message: z.string() });

/** @param body the body of an SQS message */
export function findingMessage(body: string): FindingMessage {
  return messageSchema.parse(JSON.parse(envelopeSchema.parse(JSON.parse(body)).Message));
}

/** The ids of the findings that messages report for the first time, as often as they do. */
export function reportedIds(messages: readonly FindingMessage[]): string[] {
  return messages.flatMap(({ kind, id, findings }) => {
    if (kind === 'finding' && id !== undefined) return [id];
    if (kind === 'digest' || kind === 'minimal') return (findings ?? []).map((one) => one.id);
    return [];
  });
}

const alarmSchema = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  NewStateValue: z.string(),
});

export type AlarmMessage = z.infer<typeof alarmSchema>;

/** @param body the body of an SQS message of the alarms topic */
export function alarmMessage(body: string): AlarmMessage {
  return alarmSchema.parse(JSON.parse(envelopeSchema.parse(JSON.parse(body)).Message));
}
