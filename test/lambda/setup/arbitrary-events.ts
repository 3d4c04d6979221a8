import fc from 'fast-check';
import type { ObservedEvent, Signal } from '../../../lambda/model/signal.ts';

const severity = fc.constantFrom('info', 'low', 'medium', 'high', 'critical');
const names = {
  verb: fc.constantFrom('grant-role', 'create-user', 'add-permissions'),
  target: fc.option(fc.constantFrom('bob', 'eve'), { nil: undefined }),
  role: fc.option(fc.constantFrom('Op', 'Viewer'), { nil: undefined }),
};

/** What a line can say, with few users and roles, so that lines relate to each other. */
export const anySignal: fc.Arbitrary<Signal> = fc
  .record({
    ...names,
    kind: fc.constantFrom(
      ...(['outcome', 'command', 'write', 'failure', 'denial', 'block', 'notice'] as const),
    ),
    severity,
  })
  .map((signal) => ({ ...signal, detections: [`${signal.kind}-${signal.severity}`] }));

export const anyRequest: fc.Arbitrary<Signal> = fc
  .record({
    ...names,
    kind: fc.constant('request' as const),
    severity,
    method: fc.constantFrom('POST', 'PATCH'),
    outcome: fc.constantFrom('succeeded', 'failed', 'denied'),
  })
  .map((signal) => ({ ...signal, detections: [`request-${signal.severity}`], status: 200 }));

/** Lines of one stream at these times, one event each. */
export function linesAt(times: fc.Arbitrary<number[]>): fc.Arbitrary<ObservedEvent[]> {
  return times.chain((timestamps) =>
    fc
      .array(
        fc.array(fc.oneof({ weight: 4, arbitrary: anySignal }, anyRequest), {
          minLength: 1,
          maxLength: 2,
        }),
        {
          minLength: timestamps.length,
          maxLength: timestamps.length,
        },
      )
      .map((signals) =>
        timestamps.map(
          (timestamp, at): ObservedEvent => ({
            key: at.toString(16).padStart(64, '0'),
            logGroup: 'airflow-prod-Task',
            logStream: 's',
            timestamp,
            message: `line ${at}`,
            occurrences: 1,
            signals: signals[at] ?? [],
          }),
        ),
      ),
  );
}
