import { isSecretName } from './secret-names.ts';

/** Where a program takes secrets that are not recognized by a name. */
export interface ProgramSecrets {
  /** Options whose value is a secret: the next word, or the rest of the word for a short option. */
  readonly options?: RegExp;
  /** Options whose value is a user's name and a secret. */
  readonly pairs?: RegExp;
  /** What separates the name and the secret of a pair. @default ':' */
  readonly separator?: string;
  /** An option's value is never glued to its letter. */
  readonly isSpaced?: true;
  /** The positions of the operands (words that are no options) that are secrets. */
  readonly operands?: (
    operands: readonly string[],
    options: readonly string[],
  ) => readonly number[];
  /** The part of such an operand before the secret. */
  readonly inside?: RegExp;
  /** Matches the command, its words joined by spaces, if its input is a secret. */
  readonly stdin?: RegExp;
}

const curl: ProgramSecrets = {
  options: /^(?:-b|--pass|--proxy-pass|--oauth2-bearer)$/,
  pairs: /^(?:-[A-Za-tv-z]{0,6}u|-U|-E|--user|--proxy-user|--cert)$/,
};
const httpie: ProgramSecrets = { pairs: /^(?:-a|--auth)$/ };
const samba: ProgramSecrets = { pairs: /^(?:-U|--user)$/, separator: '%' };
const capitalP: ProgramSecrets = { options: /^-P$/ };
const ldap: ProgramSecrets = { options: /^-w$/ };
const ldapPassword: ProgramSecrets = { options: /^-[was]$/ };
const container: ProgramSecrets = {
  pairs: /^--(?:src-|dest-)?creds$/,
  stdin: /-stdin\b|\bsecret create\b/,
};
const readsIt: ProgramSecrets = { stdin: /^/ };
const oracle: ProgramSecrets = {
  operands: (operands) => (/^[^/\s]+\/[^@\s]/.test(operands[0] ?? '') ? [0] : []),
  inside: /^(?:userid=)?[^/\s]+\//,
};
const settings: ProgramSecrets = { operands: settingValues };
const values: ProgramSecrets = { operands: assignedValues, inside: /^[^=\s]+=/ };
const literals: ProgramSecrets = { pairs: /^--from-literal$/, separator: '=' };
/** `USER:PASSWORD@HOST` without a scheme. */
const address: ProgramSecrets = {
  operands: (operands) => (/:[^:@]*@/.test(operands[0] ?? '') ? [0] : []),
  inside: /^[^:]*:/,
};
const named: ProgramSecrets = { operands: namedValues };
const asksForPassword =
  /\s(?:users\s(?:create|reset-password)|(?:create-(?:user|admin)|reset-password))\s/;
const snmp: ProgramSecrets = { options: /^-[cAX]$/ };

/** How programs take secrets, by their names. */
export const programSecrets: ReadonlyMap<string, ProgramSecrets> = new Map(
  Object.entries({
    curl,
    curlftpfs: address,
    'psexec.py': address,
    'wmiexec.py': address,
    'smbexec.py': address,
    'secretsdump.py': address,
    'impacket-psexec': address,
    'impacket-wmiexec': address,
    'impacket-secretsdump': address,
    wbinfo: { pairs: /^-a$/, separator: '%' },
    osql: capitalP,
    sqsh: capitalP,
    vsql: ldap,
    db2: { operands: (operands) => after(operands, /^using$/) },
    mkpasswd: { operands: (operands) => [operands.length - 1] },
    bw: {
      operands: (operands) => [...after(operands, /^login$/, 2), ...after(operands, /^unlock$/)],
    },
    doppler: { options: /^-t$/, isSpaced: true },
    'keepassxc-cli': readsIt,
    jq: named,
    setx: named,
    setenv: named,
    launchctl: named,
    tmux: named,
    snap: values,
    http: httpie,
    https: httpie,
    xh: httpie,
    lftp: { pairs: /^-u$/, separator: ',' },
    smbclient: samba,
    smbget: samba,
    smbmap: samba,
    rpcclient: samba,
    winexe: samba,
    wmic: samba,
    bcp: capitalP,
    sqlcmd: capitalP,
    tsql: capitalP,
    zip: capitalP,
    unzip: capitalP,
    ipmitool: capitalP,
    mosquitto_pub: capitalP,
    mosquitto_sub: capitalP,
    isql: { operands: () => [2] },
    ldapsearch: ldap,
    ldapadd: ldap,
    ldapmodify: ldap,
    ldapdelete: ldap,
    ldapwhoami: ldap,
    ldapmodrdn: ldap,
    ldappasswd: ldapPassword,
    'redis-cli': { options: /^-a$/, operands: redisOperands },
    openssl: {
      options: /^-(?:k|K|passout|passin|pass|passwd)$/,
      stdin: /\bstdin\b/,
      operands: opensslOperands,
      isSpaced: true,
    },
    'ssh-keygen': { options: /^-[NP]$/ },
    rar: { options: /^-h?p$/ },
    unrar: { options: /^-h?p$/ },
    htpasswd: { operands: htpasswdOperands, stdin: /\s-\w*i/ },
    passwd: readsIt,
    smbpasswd: readsIt,
    su: readsIt,
    sudo: { stdin: /\ssudo\s(?:-\w+\s){0,3}-[A-Za-z]{0,9}S\s/ },
    kinit: readsIt,
    cryptsetup: readsIt,
    gpg: { stdin: /passphrase-fd/ },
    chpasswd: { stdin: /^/, separator: ':' },
    docker: container,
    podman: container,
    nerdctl: container,
    buildah: container,
    skopeo: container,
    helm: container,
    oras: container,
    vault: { operands: vaultOperands, inside: /^[^=\s]+=/, stdin: /\blogin\b/ },
    kubectl: literals,
    oc: literals,
    gh: { options: /^(?:-b|--body)$/, stdin: /secret set|with-token/ },
    fly: values,
    flyctl: values,
    doctl: { options: /^-t$/, isSpaced: true },
    wrangler: { stdin: /secret put/ },
    gcloud: { operands: settingValues, stdin: /\bsecrets\b/ },
    databricks: { options: /^--string-value$/ },
    net: { operands: netOperands, pairs: /^(?:-U|--user)$/, separator: '%' },
    'secret-tool': readsIt,
    pass: { stdin: /\binsert\b/ },
    security: ldap,
    mysqladmin: { operands: (operands) => after(operands, /^password$/) },
    rabbitmqctl: { operands: rabbitOperands },
    mc: { operands: (operands) => after(operands, /^(?:set|add)$/, 4) },
    rclone: {
      operands: (operands) => [...after(operands, /^obscure$/), ...namedValues(operands)],
    },
    wpa_passphrase: { operands: () => [1] },
    radtest: { operands: () => [1] },
    pdftk: { operands: (operands) => after(operands, /^(?:user|owner|input)_pw$/) },
    nmcli: { operands: (operands) => after(operands, /^password$/) },
    'ansible-vault': { operands: (operands) => after(operands, /^encrypt_string$/) },
    snmpwalk: snmp,
    snmpget: snmp,
    sqlplus: oracle,
    rman: oracle,
    sqlldr: oracle,
    expdp: oracle,
    impdp: oracle,
    exp: oracle,
    imp: oracle,
    // Without a terminal, Airflow reads the password that it asks for from its input.
    airflow: { operands: settingValues, stdin: asksForPassword },
    flask: { stdin: asksForPassword },
    airflowctl: settings,
    aws: settings,
    az: settings,
    git: settings,
    npm: settings,
    yarn: settings,
    pnpm: settings,
    pip: settings,
    poetry: { operands: poetryOperands },
    consul: settings,
    etcdctl: settings,
    heroku: settings,
    sam: settings,
    bundle: settings,
    composer: settings,
    // A line of ~/.netrc.
    machine: { operands: (operands) => after(operands, /^password$/) },
  } satisfies Record<string, ProgramSecrets>),
);

/** The position `distance` after each word that matches. */
function after(operands: readonly string[], word: RegExp, distance = 1): number[] {
  return operands.flatMap((operand, at) => (word.test(operand) ? [at + distance] : []));
}

const setting = /^(?:set|put|put-parameter|add|config|config:set|create|update)$/;

/** `variables set db_password …`, `configure set aws_secret_access_key …`, `config x.password …` */
function settingValues(operands: readonly string[]): number[] {
  const verb = operands.findIndex((operand) => setting.test(operand));
  if (verb === -1) return [];
  return operands.flatMap((operand, at) =>
    at > verb && at < verb + settingWordsMax && isSettingName(operand) ? [at + 1] : [],
  );
}

/**
 * How far after the verb a setting's name may be: its value follows, a group's name may precede it.
 */
const settingWordsMax = 5;

function namedValues(operands: readonly string[]): number[] {
  return operands.flatMap((operand, at) => (isSettingName(operand) ? [at + 1] : []));
}

function isSettingName(word: string): boolean {
  return /^[^\s=]+$/.test(word) && isSecretName(word);
}

function poetryOperands(operands: readonly string[]): number[] {
  const basic = operands.findIndex((operand) => operand.startsWith('http-basic.'));
  return basic === -1 ? settingValues(operands) : [basic + 2];
}

/** `openssl passwd -6 PASSWORD` */
function opensslOperands([verb, ...rest]: readonly string[]): number[] {
  return verb === 'passwd' && rest.length > 0 ? [rest.length] : [];
}

function redisOperands(operands: readonly string[]): number[] {
  return [
    ...(operands.some((operand) => /^auth$/i.test(operand)) ? [operands.length - 1] : []),
    ...after(operands, /^(?:requirepass|masterauth)$/i),
    ...settingValues(operands.map((operand) => operand.toLowerCase())),
  ];
}

/** `htpasswd -b FILE USER PASSWORD`, or `htpasswd -nb USER PASSWORD`. */
function htpasswdOperands(operands: readonly string[], options: readonly string[]): number[] {
  return options.some((option) => /^-\w*b/.test(option)) ? [operands.length - 1] : [];
}

function vaultOperands(operands: readonly string[]): readonly number[] {
  const [verb = ''] = operands;
  if (/^(?:kv|write|patch)$/.test(verb)) return assignedValues(operands);
  if (/^(?:login|unwrap)$/.test(verb)) return [1];
  return after(operands, /^(?:unseal|renew|revoke|lookup)$/);
}

/** All `NAME=VALUE` words: each value is a secret. */
function assignedValues(operands: readonly string[]): number[] {
  return operands.flatMap((operand, at) => (/^[^=\s]+=/.test(operand) ? [at] : []));
}

function netOperands(operands: readonly string[]): number[] {
  const [verb = ''] = operands;
  if (verb === 'user') return [2];
  if (verb !== 'use') return [];
  return operands.flatMap((operand, at) =>
    at > 0 && !/^(?:\w:|\*|\\.*|\/.*)$/.test(operand) ? [at] : [],
  );
}

function rabbitOperands(operands: readonly string[]): number[] {
  return after(operands, /^(?:add_user|change_password|authenticate_user)$/, 2);
}
