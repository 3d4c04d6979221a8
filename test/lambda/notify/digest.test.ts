import type { Finding, Severity } from '../../../lambda/findings/finding.ts';
import { publishedDigestSchema } from '../../../lambda/findings/finding-schema.ts';
import { presentFinding } from '../../../lambda/findings/present.ts';
import { digestOf, notificationsMax, planNotifications } from '../../../lambda/notify/digest.ts';
import { change, detections } from '../findings/sample-change.ts';

const base = presentFinding(change(), {
  environment: 'prod',
  region: 'eu-west-1',
  detections,
  detectedAtEpochMs: 0,
  late: false,
});
const finding = (number: number, severity: Severity, changes: Partial<Finding> = {}): Finding => ({
  ...base,
  id: number.toString(16).padStart(32, '0'),
  severity,
  firstSeen: new Date(number * 1000).toISOString(),
  ...changes,
});
const textsOf = (findings: readonly Finding[]) => {
  const digest = digestOf(findings, 'prod');
  const texts: { default: string; email: string } = JSON.parse(digest.Message);
  return { ...texts, digest, json: publishedDigestSchema.parse(JSON.parse(texts.default)) };
};

describe('the plan of a tick', () => {
  test('twenty findings are sent one by one, no digest follows', () => {
    const findings = Array.from({ length: notificationsMax }, (_, n) => finding(n, 'high'));
    expect(planNotifications(findings)).toEqual({ single: findings, digest: [] });
  });

  test('of more, the worst are sent one by one, then the earliest; the rest is the digest', () => {
    const mild = Array.from({ length: 25 }, (_, n) => finding(n, 'medium'));
    const worst = finding(99, 'critical');
    const { single, digest } = planNotifications([...mild, worst]);
    expect(single).toEqual([worst, ...mild.slice(0, 19)]);
    expect(digest).toEqual(mild.slice(19));
  });
});

describe('a digest', () => {
  const findings = [finding(1, 'medium'), finding(2, 'critical'), finding(3, 'medium')];

  test('lists each finding with its id, the worst first, and how many there are of each', () => {
    const { json, email, digest } = textsOf(findings);
    expect(json).toMatchObject({ kind: 'digest', severity: 'critical', count: 3 });
    expect(json.bySeverity).toEqual({ critical: 1, medium: 2 });
    expect(json.findings.map(({ severity }) => severity)).toEqual(['critical', 'medium', 'medium']);
    for (const { id, runbook } of findings) expect(email).toContain(`finding ${id}, ${runbook}`);
    expect(email).toContain('1 critical, 2 medium');
    expect(digest.Subject).toBe('[CRITICAL] prod: 3 privilege changes (digest)');
    expect(digest.MessageAttributes.kind?.StringValue).toBe('digest');
  });

  test('fits into what SNS takes, and says how many it leaves out', () => {
    const many = Array.from({ length: 3000 }, (_, n) =>
      finding(n, 'low', { title: '運'.repeat(250) }),
    );
    const { digest, json, email } = textsOf([...many, finding(9999, 'critical')]);
    expect(Buffer.byteLength(digest.Message)).toBeLessThan(262_144);
    expect(json.count).toBe(3001);
    expect(json.findings[0]?.severity).toBe('critical');
    expect(json.findings.length + (json.findingsOmitted ?? 0)).toBe(3001);
    expect(email).toContain(`… and ${json.findingsOmitted} more`);
  });

  test('of nothing is refused', () => {
    expect(() => digestOf([], 'prod')).toThrow(RangeError);
  });
});
