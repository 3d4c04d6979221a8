import fc from 'fast-check';
import { mayHoldSecret } from '../../../lambda/redact/known/may-hold-secret.ts';
import {
  findSecrets,
  redact,
  redactionMark,
  redactSecrets,
} from '../../../lambda/redact/redact.ts';
import { Travels } from '../../../lambda/redact/travels.ts';
import { countSteps, growth, linearGrowth } from '../../counted-steps.ts';
import {
  airflow2,
  airflow3,
  bash,
  bashArguments,
  pythonList,
  pythonText,
} from '../setup/airflow-lines.ts';

const shellQuoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;
const pythonShellQuoted = (value: string) => `'${value.replaceAll("'", `'"'"'`)}'`;
const createUser = (password: string) =>
  `airflow users create -u bob -e bob@example.com ${password} -r Admin`;

/** The ways to write a password in a command line. */
const options: Readonly<Record<string, (password: string) => string>> = {
  '-p X': (password) => `-p ${shellQuoted(password)}`,
  '-p X, quoted by Python': (password) => `-p ${pythonShellQuoted(password)}`,
  '-pX': (password) => `-p${shellQuoted(password)}`,
  '-p=X': (password) => `-p=${shellQuoted(password)}`,
  '-vp X': (password) => `-vp ${shellQuoted(password)}`,
  '--password X': (password) => `--password ${shellQuoted(password)}`,
  '--password=X': (password) => `--password=${shellQuoted(password)}`,
  '--passw X': (password) => `--passw ${shellQuoted(password)}`,
  '--client-secret X': (password) => `--client-secret ${shellQuoted(password)}`,
  '--token on the next line': (password) => `--token \\\n  ${shellQuoted(password)}`,
  'in double quotes': (password) => `-p "${password.replace(/[\\"$`]/g, '\\$&')}"`,
  'an assignment': (password) => `PASSWORD=${shellQuoted(password)}`,
  'a variable of any name': (password) => `X=${shellQuoted(password)} sh -c '-p "$X"'`,
};

/** The texts around a command line. */
const wrappers: Readonly<Record<string, (command: string) => string>> = {
  'a trace of bash': (command) => `[…] {subprocess.py:106} INFO - + ${command}`,
  'Airflow 2': (command) => airflow2(bash(command)),
  'Airflow 3': (command) => airflow3(bash(command)),
  'a shell in a shell': (command) => airflow2(bash(`sudo -u x bash -c ${shellQuoted(command)}`)),
  'a shell in a shell, quoted by Python': (command) =>
    airflow2(bash(`sh -c ${pythonShellQuoted(command)}`)),
  'a shell in a shell in Airflow 3': (command) =>
    airflow3(bash(`timeout 5 sh -c ${shellQuoted(command)}; true`)),
  'JSON in JSON': (command) => JSON.stringify({ message: airflow3(bash(command)) }),
  "structlog's key=value": (command) =>
    `2026-05-06T01:00:14Z [info     ] run [task] command=${pythonText(bashArguments(command))} n=1`,
  'a function': (command) => airflow3(bash(`f() { ${command}; }; f`)),
};

/**
 * Characters with a meaning in a shell, Python, JSON or a URL, and the letters that mark the
 * password.
 */
const hostilePassword = fc
  .array(fc.constantFrom(...`'"\\ $\`;|&<>()[]{},:=@#%/?*!~^\n\té運Zq`.split('')), {
    minLength: 1,
    maxLength: 12,
  })
  .map((characters) => `Zq${characters.join('')}Zq`);

const survives = (text: string) => /Zq/.test(text);

describe('a password in a command line', () => {
  test.each(
    Object.keys(options).flatMap((option) =>
      Object.keys(wrappers).map((wrapper) => [option, wrapper]),
    ),
  )('%s is hidden in %s, user and role are not', (option = '', wrapper = '') => {
    fc.assert(
      fc.property(hostilePassword, (password) => {
        const command = createUser(options[option]?.(password) ?? '');
        const text = redactSecrets(wrappers[wrapper]?.(command) ?? '');
        expect(text).not.toMatch(/Zq/);
        expect(text).toContain('airflow users create -u bob -e bob@example.com ');
        expect(text).toContain(' -r Admin');
        expect(redactSecrets(text)).toBe(text);
      }),
      { numRuns: 30 },
    );
  });

  test.each(['-p', '--password', '--api-key'])('%s is hidden in a list of words', (option) => {
    fc.assert(
      fc.property(hostilePassword, (password) => {
        const words = ['airflow', 'users', 'create', option, password, '-r', 'Admin'];
        for (const text of [
          pythonList(words),
          airflow3(`Running command: ${pythonList(words)}`),
          JSON.stringify(words),
        ]) {
          const redacted = redactSecrets(text);
          expect(survives(redacted)).toBe(false);
          expect(redacted).toMatch(/Admin\\?["']\]/);
        }
      }),
    );
  });

  test('without quotes is hidden up to the next space', () => {
    expect(redactSecrets('airflow users create -p a;b|c&d,e -r Op')).toBe(
      `airflow users create -p ${redactionMark} -r Op`,
    );
  });

  test('is hidden in a text that was quoted again by something not in the line', () => {
    expect(redactSecrets('create -p \\"Zq Zq\\" -r Op')).toBe(`create -p ${redactionMark} -r Op`);
    expect(redactSecrets('{\\"password\\": \\"Zq \\\\\\"Zq\\", \\"role\\": \\"Op\\"}')).toBe(
      `{\\"password\\": \\"${redactionMark}\\", \\"role\\": \\"Op\\"}`,
    );
  });

  test('is hidden where the line is cut off', () => {
    expect(
      redactSecrets(airflow2("Running command: ['bash', '-c', 'airflow users create -p \"Zq Zq")),
    ).not.toMatch(/Zq/);
    expect(redactSecrets('{"event":"x","password":"Zq Zq')).not.toMatch(/Zq/);
  });

  test('is hidden after the colours of a console', () => {
    expect(redactSecrets('\u001b[1mairflow\u001b[22m \u001b[1m-p Zq\u001b[22m')).not.toMatch(/Zq/);
  });
});

describe('a secret elsewhere', () => {
  test.each([
    ['{"username": "bob", "password": "Zq,Zq", "role": "Op"}'],
    ["{'username': 'bob', 'password': 'Zq\\'Zq'}"],
    [
      '{"conn_type": "postgres", "login": "bob", "password": "Zq", "extra": {"aws_secret_access_key": "Zq"}}',
    ],
    [
      'environ({\'MWAA__DB__CREDENTIALS\': \'{"username": "u", "password": "Zq Zq"}\', \'A\': \'b\'})',
    ],
    ['MWAA__DB__CREDENTIALS={"username": "u", "password": "Zq Zq"}'],
    ['AIRFLOW_CONN_DB=postgres://bob:Zq@host:5432/db'],
    ['export AIRFLOW_CONN_DB=\'{"conn_type": "x", "password": "Zq"}\''],
    ['PGPASSWORD=Zq psql -h host'],
    ['DB_PW=Zq MY_SECRET=Zq API_TOKEN=Zq AWS_SECRET_ACCESS_KEY=Zq/Zq+Zq'],
    ['aws_session_token = Zq/Zq'],
    ['os.environ["PGPASSWORD"] = "Zq Zq"'],
    ["Connection(login='bob', password='Zq Zq', host='h')"],
    ['password: Zq'],
    ["ALTER USER bob WITH PASSWORD 'Zq Zq'"],
    ["CREATE USER bob IDENTIFIED BY 'Zq Zq'"],
    ["UPDATE ab_user SET password = 'Zq' WHERE username = 'bob'"],
    ["VALUES ('bob', 'pbkdf2:sha256:260000$Zqabc$0123456789abcdef')"],
    ["VALUES ('bob', 'scrypt:32768:8:1$Zqabc$0123456789abcdef')"],
    ['curl -X POST -u bob:Zq https://host/api/v1/users'],
    ["curl -u 'bob:Zq Zq' https://host"],
    ["requests.get(url, auth=('bob', 'Zq Zq'))"],
    ['"POST /users/add?username=bob&password=Zq%20Zq&x=1 HTTP/1.1" 302'],
    ["-H 'Authorization: Basic Zq=='"],
    ['Authorization: Bearer Zq.Zq-Zq bob'],
    ['{"headers": {"Authorization": "Bearer Zq", "x-api-key": "Zq"}, "u": "bob"}'],
    ['sent Bearer Zqabcdefgh0123456789 for bob'],
    ['fernet_key = Zq'],
  ])('is hidden: %s', (text) => {
    const redacted = redactSecrets(text);
    expect(redacted).not.toMatch(/Zq/);
    expect(redacted).toContain(redactionMark);
    expect(redactSecrets(redacted)).toBe(redacted);
    if (/\bbob\b/.test(text) && !/^(?:export )?AIRFLOW_CONN_|Bearer Zq\./.test(text)) {
      expect(redacted).toMatch(/\bbob\b/);
    }
  });

  test.each([
    ['postgresql://bob:Zq@host/db'],
    ['postgresql+psycopg2://bob:Zq/Zq@Zq:Zq@host/db'],
    ['redis://:Zq@host:6379/0'],
    ['https://bob:Zq%40Zq%3A%2F@host/path'],
    ['{"uri": "mysql://bob:Zq%20Zq@host/db"}'],
    ['next=postgresql%3A%2F%2Fbob%3AZq%2540Zq%40host%2Fdb'],
  ])('a password in a URL is hidden, user and host are not: %s', (text) => {
    const redacted = redactSecrets(text);
    expect(redacted).not.toMatch(/Zq/);
    expect(redacted).toMatch(/host/);
    if (text.includes('bob')) expect(redacted).toMatch(/bob/);
    expect(redactSecrets(redacted)).toBe(redacted);
  });

  test('a percent-encoded password of any characters is hidden in a URL', () => {
    fc.assert(
      fc.property(hostilePassword, fc.boolean(), (password, isEncodedTwice) => {
        const url = `postgresql://bob:${encodeURIComponent(password).replaceAll("'", '%27')}@host/db`;
        const text = isEncodedTwice ? `?uri=${encodeURIComponent(url)} HTTP/1.1` : `DB: ${url}`;
        expect(redactSecrets(text)).not.toMatch(/Zq/);
        expect(redactSecrets(text)).toContain('host');
      }),
    );
  });

  test('a credential in a known format is hidden without any name', () => {
    const token = `eyJ${'hbGciOiJI'}.eyJzdWIiOiJi.c2lnbmF0dXJl`;
    const keyId = `AKIA${'ABCDEFGHIJKLMNOP'}`;
    const secretKey = `${'wJalrXUtnFEMI/K7MDENG'}/${'bPxRfiCYEXAMPLEKEY'}`;
    const fernetKey = `${'cryptography_not_needed_here_but_43_letters'}=`;
    const pem = `-----BEGIN RSA PRIVATE KEY-----\nZqZqZq\nZqZq\n-----END RSA PRIVATE KEY-----`;
    expect(redactSecrets(`got ${token} for bob`)).toBe(`got ${redactionMark} for bob`);
    expect(redactSecrets(`keys ${keyId}, ${secretKey} of bob`)).toBe(
      `keys ${redactionMark} of bob`,
    );
    expect(redactSecrets(`Fernet("${fernetKey}")`)).toBe(`Fernet("${redactionMark}")`);
    expect(redactSecrets(`a ${pem} b`)).toBe(
      `a -----BEGIN RSA PRIVATE KEY-----${redactionMark}-----END RSA PRIVATE KEY----- b`,
    );
    expect(redactSecrets(JSON.stringify({ key: pem, user: 'bob' }))).toMatch(
      /^[^Z]*"user":"bob"}$/,
    );
  });
});

describe('a text that a finding needs is unchanged', () => {
  test.each([
    ['[2026-11-22T05:50:01.362+0000] {subprocess.py:106} INFO - User "bob" added to role "Admin"'],
    ['[…] {override.py:1516} INFO - Added Permission can edit on My Password to role Viewer'],
    [
      '[…] {decorators.py:45} WARNING - Access is Denied for: can_read on: CustomResetMyPasswordView',
    ],
    ["airflow users add-role -u o'brien -r 'Data Stewards (EU)' --email a@b.c"],
    ['airflow users create --use-random-password --username bob --role Admin'],
    ['airflow roles add-perms Ops -r DAG:token_refresh -a can_edit'],
    [
      '10.0.1.5 - admin [x] "POST /users/edit/6 HTTP/1.1" 302 249 "http://127.0.0.1:8210/x?q=bob@b.c" "Mozilla/5.0"',
    ],
    ['DB: postgresql://airflow:***@127.0.0.1:5432/af'],
    ['export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="$MWAA_META_URL"; airflow users list'],
    ["TaskInstanceKey(dag_id='secret_sync', task_id='reset_password', run_id='manual__1')"],
    ['INSERT INTO ab_user_role (user_id, role_id) VALUES (3, 1)'],
    ['find / -path /proc -prune -o -print'],
    ['{"password": null, "is_token": false}'],
  ])('%s', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });

  test('real lines with a password lose only the password', () => {
    expect(
      redactSecrets(
        "[2026-11-22T05:50:52.053+0000] {subprocess.py:88} INFO - Running command: ['/usr/bin/bash', '-c', 'set -x\\nairflow users create -u frank -f Frank -l Ford -e frank@example.com -r Viewer -p Fake-pw-4\\nairflow users add-role -u frank -r Admin\\nset +x\\n ']",
      ),
    ).toBe(
      `[2026-11-22T05:50:52.053+0000] {subprocess.py:88} INFO - Running command: ['/usr/bin/bash', '-c', 'set -x\\nairflow users create -u frank -f Frank -l Ford -e frank@example.com -r Viewer -p ${redactionMark}\\nairflow users add-role -u frank -r Admin\\nset +x\\n ']`,
    );
    expect(
      redactSecrets(
        '{"timestamp":"2026-11-22T06:00:50.156786","level":"info","event":"Running command: [\'/usr/bin/bash\', \'-c\', \'export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=\\"$MWAA_META_URL\\"; airflow users reset-password -u bob -p Fake-pw-9 \']","logger":"airflow.task.hooks"}',
      ),
    ).toBe(
      `{"timestamp":"2026-11-22T06:00:50.156786","level":"info","event":"Running command: ['/usr/bin/bash', '-c', 'export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=\\"$MWAA_META_URL\\"; airflow users reset-password -u bob -p ${redactionMark} ']","logger":"airflow.task.hooks"}`,
    );
  });

  test('a text of harmless words and any punctuation is unchanged', () => {
    const word = fc.constantFrom('bob', 'Admin', 'role', 'airflow', '-u', '-r', '--role', 'DAG:x');
    const sign = fc.constantFrom(
      ' ',
      '"',
      "'",
      '\\"',
      '\\',
      ', ',
      '[',
      ']',
      '{',
      '}',
      ': ',
      '=',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, sign), { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        expect(redactSecrets(text)).toBe(text);
      }),
    );
  });

  test('redaction adds nothing but the mark and reorders nothing', () => {
    const part = fc.constantFrom(
      ...[' ', '"', "'", '\\', ', ', '[', ']', '{', ': ', '=', '\n', '$(', '`', '://', '@', '&'],
      ...['-p', '--password', 'password', 'PW', 'bob', 'x', 'Authorization', 'curl -u', '\\u0027'],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 25 }), (parts) => {
        const text = parts.join('');
        let from = 0;
        for (const kept of redactSecrets(text).split(redactionMark)) {
          const index = text.indexOf(kept, from);
          expect(index).toBeGreaterThanOrEqual(from);
          from = index + kept.length;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the cheap test before a line is read', () => {
  test('skips no line in which a reader finds a secret', () => {
    const part = fc.constantFrom(
      ...[' ', '"', "'", '\\', '\\n', '\\"', '=', ':', '://', '@', '|', '<', '(', ', ', '\n'],
      ...[
        '-',
        'p',
        '-p ',
        '-u ',
        '--pa',
        'ss',
        'tok',
        'en',
        'auth',
        'pw',
        '?sig',
        'a:b',
        'hunter2',
      ],
      ...['curl ', 'http', 'airflow users create ', 'passwd ', 'echo x', 'ab_user values '],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        for (const line of [text, JSON.stringify({ event: text }), bash(text)]) {
          if (findSecrets(line, new Travels()).length > 0) expect(mayHoldSecret(line)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('skips ordinary lines', () => {
    for (const text of [
      '[2026-11-22T05:50:01.362+0000] {subprocess.py:106} INFO - User "bob" added to role "Admin"',
      '127.0.0.1 - admin [22/Nov/2026:05:50:19 +0000] "POST /users/edit/6 HTTP/1.1" 302 249 "-" "curl/8.5.0"',
      airflow3(bash('airflow users add-role -u bob -r Admin')),
    ]) {
      expect([text, mayHoldSecret(text)]).toEqual([text, false]);
    }
  });
});

describe('positions', () => {
  test('a position after a secret moves with its text', () => {
    const text = 'create -p Zq -u bob -r Op';
    const redacted = redact(text);
    expect(redacted.text.slice(redacted.position(text.indexOf('bob')))).toBe('bob -r Op');
    expect(redacted.position(0)).toBe(0);
    expect(redacted.position(text.indexOf('Zq') + 1)).toBe(text.indexOf('Zq'));
  });
});

describe('positions of many secrets', () => {
  test('each points to the same text as before', () => {
    const parts = Array.from({ length: 50 }, (_, at) => `-p Zq${at} bob${at} `);
    const text = parts.join('');
    const redacted = redact(text);
    for (const at of parts.keys()) {
      const bob = `bob${at} `;
      const position = redacted.position(text.indexOf(bob));
      expect(redacted.text.slice(position, position + bob.length)).toBe(bob);
      const secret = redacted.position(text.indexOf(`Zq${at} `) + 1);
      expect(redacted.text.slice(secret, secret + redactionMark.length)).toBe(redactionMark);
    }
  });
});

describe('a hostile line is read in linear time', () => {
  const units = [
    ...[
      'User "',
      '"',
      "'",
      '\\',
      '\\"',
      " 'a",
      '-p ',
      '-p x ',
      '-p "',
      '-p \\"',
      '-p $(',
      '-p $X ',
    ],
    ...[
      'X=$X -p $X ',
      'password=',
      'password="',
      '?password=',
      'a-',
      '--',
      '--user ',
      '-u ',
      '-u a:',
    ],
    ...[
      'curl -u ',
      'http',
      '"password": ',
      'a://a:',
      'http://',
      '%3A%2F%2F',
      'eyJaaaaaaaa.',
      'x " ',
    ],
    ...['-----BEGIN PRIVATE KEY-----', '[{"a":', '{', ' ', '\n', '=', 'identified by ', 'Bearer '],
    ...[
      'auth=(',
      'AKIA',
      '$2a$11$',
      'scrypt:1:1:1$',
      'a',
      'A',
      '_',
      '/',
      '@',
      ':',
      "$'",
      '`',
      '$(',
    ],
    ...["'\\''", `'"'"'`, '\u001b[', '\u001b[0m', '\ud800', '運'],
    // Commands of a shell, and places where a secret comes from.
    ...[
      'for P in x; do y -p $P; done; ',
      'set -- x; -p $1 ',
      'f() { x -p $1; }; f y; ',
      'read P <<< x; -p $P ',
      'A=$B; B=$A; -p $A ',
      'A=-p; $A x ',
      'x <<E\n',
      'cat <<E | passwd\n',
      'echo x | xargs -p; ',
      'echo $(echo $(',
      '((echo x) | passwd) ',
      'curl -ua:b ',
      'airflow variables set password x; ',
      "['-p', 'x'], ",
      "Command '",
      "Command '['-p', 'x']' returned non-zero exit status 1. ",
    ],
    // SQL, tables, markup.
    ...[
      '(a, password) VALUES (',
      '(a, password) VALUES (x, y), ',
      'INSERT INTO x (a, password) VALUES (%s, %s) ',
      'UPDATE x SET password = ? parameters: (',
      'insert into ab_user values (',
      "select password = 'x' ",
      '| a | password |\n',
      '<password>',
      'name="password" value="x" ',
      'password: |\n  x\n',
      'login x password ',
      'xoxb-',
      'MIIE',
      'aB1',
    ],
  ];
  /** As many units as fit, in a multiple of eight, so that quotes and escapes stay balanced. */
  const filled = (unit: string, size: number) =>
    unit.repeat(Math.max(1, Math.floor(size / unit.length / 8)) * 8);
  const nested = (times: number, text: string): string =>
    times === 0 ? text : nested(times - 1, JSON.stringify({ a: text }));
  const redacting = (line: (size: number) => string) => (size: number) => {
    const text = line(size);
    return () => void redact(text);
  };

  // Some hundred characters around a mark are read: growth shows only with enough long units.
  test.each<[what: string, line: (size: number) => string]>([
    ...units.map((unit): [string, (size: number) => string] => [
      `repeats of ${JSON.stringify(unit)}`,
      (size) => (unit.length > 20 ? unit.repeat(size / 16) : filled(unit, size)),
    ]),
    ['nested JSON', (size) => nested(3, filled('x " ', size / 4))],
    ['a key and spaces', (size) => `"token"${filled(' ', size)}x`],
    ['an option and spaces', (size) => `"-p"${filled(' ', size)}x`],
    ['a header and spaces', (size) => `Bearer${filled(' ', size)}x`],
    [
      'a command in a command',
      (size) => airflow3(bash(`bash -c ${shellQuoted(filled('x -p "a b"; ', size))}`)),
    ],
  ])('%s', (_, line) => {
    expect(growth(redacting(line), 1024)).toBeLessThan(linearGrowth);
  });

  test('a mix of units costs a bounded number of steps per character', () => {
    const unit = fc.constantFrom(...units);
    fc.assert(
      fc.property(fc.array(unit, { minLength: 2, maxLength: 3 }), (some) => {
        const text = some.map((one) => filled(one, 400)).join('');
        expect(countSteps(() => void redact(text)) / text.length).toBeLessThan(stepsACharacterMax);
      }),
      { numRuns: 30 },
    );
  });

  test('finding a position does not read all secrets', () => {
    const task = (size: number) => {
      const text = filled('-p x ', size);
      const redacted = redact(text);
      return () => {
        for (let index = 0; index < size; index += 1) redacted.position(index);
      };
    };
    expect(growth(task, 1024)).toBeLessThan(2.5);
  });
});

/**
 * Four layers of quoting are read in turn, each by names, as commands and as SQL, about 60 steps
 * per character; all of this up to four times if a secret moves through variables and files.
 */
const stepsACharacterMax = 1000;
