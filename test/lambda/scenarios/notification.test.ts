import fc from 'fast-check';
import { presentFinding } from '../../../lambda/findings/present.ts';
import { evidenceLinesMax, notificationOf } from '../../../lambda/messages/notification.ts';
import { type Sender, subjectOf } from '../../../lambda/messages/subject.ts';
import {
  type Evidence,
  type Finding,
  publishedFindingSchema,
} from '../../../lambda/model/finding.ts';
import { change, changeIn, detections, taskStream } from '../setup/sample-change.ts';
import { sampleSender } from '../setup/sample-finding.ts';

const context = {
  environment: 'prod',
  region: 'eu-west-1',
  detections,
  detectedAtEpochMs: Date.UTC(2026, 10, 22, 6),
};
const finding = presentFinding(change(), context);
const line = (message: string, index = 0): Evidence => ({
  logGroup: 'airflow-prod-Task',
  logStream: taskStream,
  timestamp: new Date(index).toISOString(),
  message,
  occurrences: 1,
});
const withLines = (count: number, message: (index: number) => string): Finding => ({
  ...finding,
  evidence: Array.from({ length: count }, (_, index) => line(message(index), index)),
});
const textsOf = (of: Finding, update = false) => {
  const { Message } = notificationOf(of, sampleSender, { update });
  const texts: { default: string; email: string; sms: string } = JSON.parse(Message);
  return { ...texts, json: publishedFindingSchema.parse(JSON.parse(texts.default)) };
};

/** What SNS counts against its limit. */
const bytes = (of: ReturnType<typeof notificationOf>) =>
  Buffer.byteLength(of.Message) +
  Buffer.byteLength(of.Subject) +
  Buffer.byteLength(JSON.stringify(of.MessageAttributes));

describe('the subject', () => {
  test('has severity, environment and what happened', () => {
    expect(notificationOf(finding, sampleSender).Subject).toBe(
      '[CRITICAL] prod: bob was given role Admin by DAG grant_admin, task promote',
    );
  });

  test('marks a finding that became worse', () => {
    expect(notificationOf(finding, sampleSender, { update: true }).Subject).toMatch(
      /^\[CRITICAL\] UPDATE prod: /,
    );
  });

  test('drops accents, and has ? for what ASCII lacks', () => {
    expect(subjectOf('Équipe nuit: Søren — 運用 …')).toBe('Equipe nuit: Soren - ?? ...');
  });

  test('is at most 99 printable ASCII characters, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (title) => {
        const { Subject } = notificationOf({ ...finding, title }, sampleSender);
        expect(Subject).toMatch(/^[\x20-\x7e]{1,99}$/);
        expect(Subject.startsWith('[CRITICAL] prod:')).toBe(true);
      }),
    );
  });
});

describe('the mail', () => {
  test('has what, who, whom, when, the outcome, why, what to do first and where to look', () => {
    const mail = textsOf(finding).email;
    for (const part of [
      /^bob was given role Admin by DAG grant_admin, task promote\n/,
      /^Severity: +critical$/m,
      /^Environment: +prod$/m,
      /^Account: +123456789012$/m,
      /^Region: +eu-west-1$/m,
      /^Who: +DAG grant_admin, task promote, run scheduled__2026-11-22T05_44_00\+00_00, attempt 1$/m,
      /^Whom: +bob$/m,
      /^Role: +Admin$/m,
      /^When: +2026-11-22 05:50:01.362 UTC$/m,
      /^Outcome: +it happened$/m,
      /^Why: +cli-role-granted, privilege-command-run \(ATT&CK T1059.004, T1098.003\)$/m,
      /^1\. Ask the owner of DAG grant_admin .*\n2\. If nobody knows, pause the DAG/m,
      /^ {4}aws mwaa invoke-rest-api .*'\/dags\/grant_admin'/m,
      /^Runbook: +docs\/runbooks\/role-granted.md$/m,
      /^ {4}\[…\] \{subprocess.py:106\} INFO - User "bob" added to role "Admin"$/m,
      /^Log stream: +https:\/\/eu-west-1/m,
      /^Logs Insights: https:\/\/eu-west-1/m,
      /^Finding 0123456789abcdef0123456789abcdef /m,
    ]) {
      expect(mail).toMatch(part);
    }
  });

  test.each([
    ['WebServer', 'webserver_vm_1.log', /CreateWebLoginToken[\s\S]*audit log has no row/],
    ['DAGProcessing', 'scheduler_payroll.py.log', /payroll\.py in the environment's S3 bucket/],
    ['Scheduler', 'startup_script_execution_vm_1.5.log', /startup script in S3/],
    ['Worker', 'worker_vm_1.log', /which process/],
  ])('has a first step of its own for %s, %s', (logType, logStream, step) => {
    const place = { logGroup: `airflow-prod-${logType}`, logStream };
    expect(textsOf(presentFinding(changeIn(place), context)).email).toMatch(step);
  });

  test('shows what is known about an actor and a target without a name', () => {
    const startup = { logStream: 'startup_script_execution_vm_1.5.log' };
    const web = { logGroup: 'airflow-prod-WebServer', logStream: 'webserver_vm_1.log' };
    expect(textsOf(presentFinding(changeIn(startup), context)).email).toMatch(
      /^Who: +the environment's startup script$/m,
    );
    const byUser = changeIn(web, { targets: ['6'], user: 'eve' });
    const { email } = textsOf(presentFinding(byUser, context));
    expect(email).toMatch(/^Whom: +record 6$/m);
    expect(email).toMatch(/^1\. Ask whoever uses Airflow user eve, /m);
  });

  test('does not call an unknown outcome harmless', () => {
    expect(textsOf({ ...finding, outcome: 'unknown' }).email).toMatch(/assume that it happened/);
  });

  test('shows that lines arrived late, and how often a line is in the log', () => {
    const repeated = { ...line('x'), occurrences: 3 };
    const mail = textsOf({ ...finding, late: true, evidence: [repeated] }).email;
    expect(mail).toMatch(/late: /);
    expect(mail).toMatch(/, 3 times$/m);
  });

  test('reports lines that arrived in time as found by a later look, not as late', () => {
    const mail = textsOf({ ...finding, laterLook: true }).email;
    expect(mail).toMatch(/^Detected: .*by a later look: its lines were there/m);
    expect(mail).not.toMatch(/late: /);
  });

  test('has the command that undoes the change, with each name quoted', () => {
    const target = "bob'; rm -rf /; '";
    const mail = textsOf(presentFinding(change({ targets: [target] }), context)).email;
    expect(mail).toContain(
      "    airflow users remove-role --username='bob'\\''; rm -rf /; '\\''' --role='Admin'\n",
    );
  });

  test.each(['bob\u202enimda', 'bob\nrm -rf /', '\u0007bob', 'https://evil.com/bob'])(
    'says to look up a name that it does not fill in: %j',
    (target) => {
      const mail = textsOf(presentFinding(change({ targets: [target] }), context)).email;
      expect(mail).not.toContain('remove-role');
      expect(mail).toMatch(/TO UNDO IT\n.*\n.*look them up under Security > List Users/);
    },
  );

  test('shows what a role may do now, and how to take its new permissions away', () => {
    const given = changeIn(
      { message: 'Added can edit on Users to role Viewer' },
      { verb: 'add-permissions', targets: [], roles: ['Viewer'] },
    );
    const mail = textsOf(presentFinding(given, context)).email;
    const undo = mail.slice(mail.indexOf('TO UNDO IT'), mail.indexOf('EVIDENCE'));
    expect(undo).toMatch(/--method GET --path '\/roles\/Viewer'/);
    expect(undo).toMatch(
      /in a task of your own.*\n {4}airflow roles del-perms --action='can_edit' --resource='Users' -- 'Viewer'\n/,
    );
    expect(undo).not.toContain('List Users');
    expect(undo).not.toContain('DELETE');
  });

  test.each(['failed', 'denied', 'no-effect'] as const)(
    'proposes nothing to undo after an attempt that %s',
    (outcome) => {
      for (const logGroup of ['airflow-prod-Task', 'airflow-prod-WebServer']) {
        const mail = textsOf(presentFinding(changeIn({ logGroup }, { outcome }), context)).email;
        expect(mail).toMatch(/DO FIRST\n1\. There is nothing to undo/);
        expect(mail).toMatch(/take away what let/);
        expect(mail).not.toMatch(/remove-role|undo the change|TO UNDO IT/);
      }
    },
  );

  test('holds no link but the monitor’s own, whatever names and lines hold', () => {
    const text = 'https://evil.com/a www.evil.zz evil.com/b mailto:x@evil.com \\\\evil\\x';
    const dag = 'evil.com';
    const found = presentFinding(
      changeIn(
        {
          logStream: `dag_id=${dag}/run_id=${dag}/task_id=www.${dag}/attempt=1.log`,
          message: text,
        },
        { targets: [text], roles: [text], user: text },
      ),
      context,
    );
    const { Subject, Message } = notificationOf(found, sampleSender);
    const { email } = JSON.parse(Message) as { email: string };
    const [body = ''] = email.split('LINKS');
    for (const shown of [Subject, body, found.title]) {
      expect(shown).not.toMatch(/:\/\/|(?<!@)evil\.|mailto:|\\\\evil/);
    }
    expect(email).toContain('https://eu-west-1.console.aws.amazon.com/');
  });

  test('names nobody as the actor of a finding about the monitor itself', () => {
    const mail = textsOf({
      ...finding,
      detections: ['coverage-gap'],
      actor: {},
      evidence: [],
    }).email;
    expect(mail).not.toMatch(/^(?:Who|Outcome):/m);
  });

  test('escapes control characters of the log, with each event on its own line', () => {
    const mail = textsOf({
      ...finding,
      target: 'bob\u001b[2K',
      evidence: [line('one\nFinding 0000 resolved\u202e\u0007')],
    }).email;
    expect(mail).toContain('    one\\nFinding 0000 resolved\\u{202e}\\u{0007}\n');
    expect(mail).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('what depends on the environment', () => {
  const web = (version: string) => ({ host: 'x.c2.eu-west-1.airflow.amazonaws.com', version });
  const mailBy = (sender: Sender, targets = ['bob']) => {
    const { Message } = notificationOf(presentFinding(change({ targets }), context), sender);
    const { email }: { email: string } = JSON.parse(Message);
    return email;
  };

  test('with an address of the runbooks, both runbooks are links, and the JSON has the first', () => {
    const sender = { ...sampleSender, runbookBaseUrl: 'https://wiki.example.com/books/' };
    const { Message } = notificationOf(finding, sender);
    const texts: { email: string; default: string } = JSON.parse(Message);
    expect(texts.email).toMatch(
      /^Runbook: +https:\/\/wiki\.example\.com\/books\/role-granted\.md$/m,
    );
    expect(texts.email).toMatch(/^Runbook on uploads: https:\/\/wiki\.example\.com\/books\/who-/m);
    expect(publishedFindingSchema.parse(JSON.parse(texts.default))).toMatchObject({
      runbook: 'docs/runbooks/role-granted.md',
      runbookUrl: 'https://wiki.example.com/books/role-granted.md',
    });
  });

  test('on Airflow 2 a role is taken by the REST API', () => {
    const mail = mailBy({ ...sampleSender, airflow: web('2.10.3') });
    expect(mail).toMatch(/^ {4}body=\$\(aws mwaa invoke-rest-api .*'\/users\/bob'/m);
    expect(mail).not.toContain('Airflow 3,');
    expect(mail).toContain('https://x.c2.eu-west-1.airflow.amazonaws.com/users/list/');
  });

  test('on Airflow 2 a user whom the REST API cannot name loses it by a command in a task', () => {
    const mail = mailBy({ ...sampleSender, airflow: web('2.10.3') }, ['assumed-role/eng']);
    expect(mail).toContain("    airflow users remove-role --username='assumed-role/eng'");
    expect(mail).not.toContain("--path '/users/");
  });

  test('on Airflow 3 a role is taken in the web interface, and the DAG is paused as on Airflow 2', () => {
    const mail = mailBy({ ...sampleSender, airflow: web('3.0.6') });
    expect(mail).toContain('On Airflow 3, do it under Security > List Users');
    expect(mail).not.toMatch(/remove-role|\/users\/bob/);
    expect(mail).toContain("--path '/dags/grant_admin'");
    expect(mail).toContain('https://x.c2.eu-west-1.airflow.amazonaws.com/auth/users/list/');
  });
});

describe('the message', () => {
  test('has JSON for machines, a mail for people and a line for phones', () => {
    const texts = textsOf(finding);
    expect(texts.json).toEqual({ ...finding, ...sampleSender, kind: 'finding' });
    expect(texts.sms).toBe(notificationOf(finding, sampleSender).Subject);
    expect(notificationOf(finding, sampleSender).MessageStructure).toBe('json');
  });

  test('of an update has the same id and is marked as an update', () => {
    expect(textsOf(finding, true).json).toMatchObject({
      id: finding.id,
      kind: 'update',
      update: true,
    });
  });

  test('has attributes for filter policies', () => {
    expect(notificationOf(finding, sampleSender).MessageAttributes).toEqual({
      kind: { DataType: 'String', StringValue: 'finding' },
      severity: { DataType: 'String', StringValue: 'critical' },
      environment: { DataType: 'String', StringValue: 'prod' },
      detections: {
        DataType: 'String.Array',
        StringValue: '["cli-role-granted","privilege-command-run"]',
      },
    });
    expect(
      notificationOf(finding, sampleSender, { update: true }).MessageAttributes.kind?.StringValue,
    ).toBe('update');
  });

  test('shows the first and the last of many lines, and how many are missing', () => {
    const texts = textsOf(withLines(50, (index) => `line ${index}.`));
    expect(texts.json.evidence).toHaveLength(evidenceLinesMax);
    expect(texts.json.evidenceOmitted).toBe(30);
    expect(texts.json.evidence.at(0)?.message).toBe('line 0.');
    expect(texts.json.evidence.at(-1)?.message).toBe('line 49.');
    expect(texts.email).toContain('… and 30 more lines');
  });

  test('fits into an SNS message, however long and hostile the lines are', () => {
    for (const message of ['x'.repeat(1024), '\u0001'.repeat(1024), '運'.repeat(341)]) {
      expect(
        bytes(
          notificationOf(
            withLines(400, () => message),
            sampleSender,
          ),
        ),
      ).toBeLessThanOrEqual(262_144);
    }
  });

  test('drops evidence until it fits, and counts what it dropped', () => {
    const texts = textsOf(withLines(20, () => '\u0001'.repeat(3000)));
    expect(texts.json.evidence.length).toBeLessThan(20);
    expect(texts.json.evidence.length + (texts.json.evidenceOmitted ?? 0)).toBe(20);
    expect(texts.email).toMatch(/… and \d+ more lines/);
  });
});
