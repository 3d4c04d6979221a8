import { readFileSync } from 'node:fs';
import { redactionMark, redactSecrets } from '../../../lambda/redact/redact.ts';
import { readLabelledSession, sessionVersions } from '../../fixtures/sessions/labelled-session.ts';
import { airflow2, airflow3, bash } from '../setup/airflow-lines.ts';

interface Form {
  /** The line of the file. */
  readonly line: string;
  readonly written: string;
  /** Found only if the secret looks random: no name and no position reveals it. */
  readonly isRandomOnly: boolean;
}

function readForms(name: string): Form[] {
  return readFileSync(new URL(`../../fixtures/secrets/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => {
      const isRandomOnly = line.startsWith('random ');
      const written = isRandomOnly ? line.slice('random '.length) : line;
      return { line, written: written.replaceAll('⏎', '\n'), isRandomOnly };
    });
}

const createUser = 'airflow users create -u eve -r Admin';
const filled = ({ written }: Form, secret: string) =>
  written.replaceAll('{A}', createUser).replaceAll('{S}', secret);
/** A secret that looks random, and one that looks like any word. */
const secretsOf = ({ isRandomOnly }: Form) => [
  'kX9mQw2ZtLp4',
  ...(isRandomOnly ? [] : ['correcthorse']),
];

/** What a finding needs and redaction must not hide. */
const kept = ['eve', 'bob', 'Admin', 'airflow users create', 'airflow users reset-password'];

function expectHidden(text: string, secret: string): void {
  const redacted = redactSecrets(text);
  expect(redacted).not.toContain(secret);
  expect(redacted).toContain(redactionMark);
  for (const word of kept) if (text.includes(word)) expect(redacted).toContain(word);
}

describe('a secret in a command is hidden, and user, role and command stay', () => {
  test.each(readForms('commands'))('$line', (form) => {
    for (const secret of secretsOf(form)) {
      const command = filled(form, secret);
      expectHidden(`+ ${command}`, secret);
      expectHidden(airflow2(bash(command)), secret);
      expectHidden(airflow3(bash(command)), secret);
    }
  });
});

describe('a secret in a line is hidden, and user and role stay', () => {
  test.each(readForms('lines'))('$line', (form) => {
    for (const secret of secretsOf(form)) {
      const line = filled(form, secret);
      expectHidden(line, secret);
      expectHidden(airflow3(line), secret);
    }
  });
});

describe('a line without a secret is unchanged', () => {
  test.each(readForms('harmless'))('$line', ({ written }) => {
    for (const text of [written, airflow2(bash(written)), airflow3(written)]) {
      expect(redactSecrets(text)).toBe(text);
    }
  });
});

describe('a token with its issuer’s prefix is hidden without any name', () => {
  const letters = 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA';
  const hex = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
  test.each([
    `ghp_${letters}abcd`,
    `github_pat_${letters.slice(0, 22)}_${letters}`,
    `glpat-${letters.slice(0, 20)}`,
    `xoxb-123456789012-${letters.slice(0, 24)}`,
    `sk_live_${letters.slice(0, 24)}`,
    `rk_live_${letters.slice(0, 24)}`,
    `AIza${letters}abc`,
    `ya29.${letters}`,
    `npm_${letters}abcd`,
    `dapi${hex}`,
    `hvs.${letters}`,
    `pypi-AgEIcHlwaS5vcmc${letters}`,
    `SG.${letters.slice(0, 22)}.${letters}`,
    `hf_${letters}ab`,
    `shpat_${hex}`,
    `dop_v1_${hex}${hex}`,
    `sq0atp-${letters.slice(0, 22)}`,
    `key-${hex}`,
    `SK${hex}`,
    `AGE-SECRET-KEY-1${letters.toUpperCase()}${letters.toUpperCase()}`,
    `dckr_pat_${letters.slice(0, 27)}`,
    `MIIE${letters}${letters}`,
    `$argon2id$v=19$m=65536,t=3,p=4$${letters.slice(0, 22)}$${letters}`,
    `$6$${letters.slice(0, 16)}$${letters}${letters}`,
  ])('%s', (token) => {
    for (const text of [
      `echo ${token}; ${createUser}`,
      `tool --flag ${token}`,
      `{"a": "${token}"}`,
    ]) {
      expect(redactSecrets(text)).toBe(text.replace(token, redactionMark));
      expect(redactSecrets(airflow3(text))).not.toContain(token);
    }
  });

  test.each([
    'ghp_robot',
    'npm_publishers',
    'sk_live_team',
    'hf_admins',
    'key-users',
    'token_bot',
    'secret-readers',
  ])('the name of a user or role that begins like a token, but is shorter, stays: %s', (name) => {
    const line = `User "${name}" added to role "${name}"`;
    expect(redactSecrets(line)).toBe(line);
  });
});

describe('little of a real session is hidden', () => {
  test.each(sessionVersions)('%s', (version) => {
    const { events } = readLabelledSession(version);
    let hidden = 0;
    for (const { message } of events) {
      const redacted = redactSecrets(message);
      hidden += message.length - redacted.replaceAll(redactionMark, '').length;
      for (const [command, words] of message.matchAll(commandOf)) {
        if (words?.includes('-p') === false) expect(redacted).toContain(command);
      }
      for (const [line] of message.matchAll(outcomeOf)) expect(redacted).toContain(line);
    }
    expect(hidden).toBeLessThan(800);
  });
  const commandOf = /airflow (?:users|roles) ([\w -]{1,200})/g;
  const outcomeOf = /User "[^"]*" (?:added to|removed from) role "[^"]*"/g;
});
