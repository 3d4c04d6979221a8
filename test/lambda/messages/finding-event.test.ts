import fc from 'fast-check';
import { eventBytes, findingEvent, inRequests } from '../../../lambda/messages/finding-event.ts';
import { findingEventSchema } from '../../../lambda/model/finding.ts';
import { sampleFinding, sampleSender } from '../setup/sample-finding.ts';

const [line] = sampleFinding.evidence;
const kiloByte = 1024;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html, in its older editions. */
const requestBytesMax = 256 * kiloByte;

function withLines(count: number, bytesEach: number) {
  if (line === undefined) throw new Error('the sample has no evidence');
  const message = '\u0001'.repeat(bytesEach);
  return {
    ...sampleFinding,
    evidence: Array.from({ length: count }, () => ({ ...line, message })),
  };
}

test('a second event about a finding says that it is an update; one of the look-back says so too', () => {
  const detailOf = (about: Parameters<typeof findingEvent>[2]) =>
    findingEventSchema.parse(JSON.parse(findingEvent(sampleFinding, sampleSender, about).Detail));
  expect(detailOf({})).toEqual({
    ...sampleFinding,
    ...{ account: '123456789012', region: 'eu-west-1', kind: 'finding' },
  });
  expect(detailOf({ isUpdate: true })).toMatchObject({ kind: 'update', update: true });
  expect(detailOf({ lookBack: true })).toMatchObject({ kind: 'finding', lookBack: true });
});

test('evidence that does not fit is left out and counted', () => {
  const event = findingEvent(withLines(20, 20 * kiloByte), sampleSender);
  const { evidence, evidenceOmitted } = JSON.parse(event.Detail);
  expect(eventBytes(event)).toBeLessThanOrEqual(requestBytesMax);
  expect(evidence.length + evidenceOmitted).toBe(20);
});

test('requests hold all events in their order, at most ten each, and fit into EventBridge’s limit', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 240_000 }), { maxLength: 40 });
  fc.assert(
    fc.property(sizes, (bytes) => {
      const events = bytes.map((size, at) => ({ at, event: { Detail: 'x'.repeat(size) } }));
      const requests = inRequests(events, ({ event }) => event);
      expect(requests.flat()).toEqual(events);
      for (const request of requests) {
        expect(request.length).toBeLessThanOrEqual(10);
        const total = request.reduce((sum, { event }) => sum + eventBytes(event), 0);
        expect(total).toBeLessThanOrEqual(requestBytesMax);
      }
    }),
    { seed: 1, numRuns: 50 },
  );
});
