import { mayHoldSecret } from '../../../lambda/redact/known/may-hold-secret.ts';
import { redactionMark, redactSecrets } from '../../../lambda/redact/redact.ts';
import { airflow2, airflow3, bash } from '../setup/airflow-lines.ts';

const text = 'qZ7mK2xW9pLs4TfB8nRc3VhJ6yDg5UkE1aQo0XtM'.repeat(5);
const hexText = '0f3a9c7e5b1d8264'.repeat(12);
const alnum = (length: number) => text.slice(0, length);
const lower = (length: number) => text.toLowerCase().slice(0, length);
const upper = (length: number) => text.toUpperCase().slice(0, length);
const hex = (length: number) => hexText.slice(0, length);
/** In parts of at most seven characters. */
const dashed = (length: number) => alnum(length).replace(/(.{7})./g, '$1-');
const uuid = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;

/** A token of each issuer, built here so that no scanner takes this file for a leak. */
const tokens = [
  ...['auth', 'api', 'client', 'scim'].map((use) => `tskey-${use}-k${alnum(9)}CNTRL-${alnum(32)}`),
  ...[`tskey-auth-k${dashed(30)}`, `hskey-auth-${alnum(12)}-${alnum(32)}`],
  ...[`pat-na1-${uuid}`, `pat-eu1-${uuid}`, `sdk-${uuid}`, `api-${uuid}`, `mob-${uuid}`],
  ...[`sk-lf-${uuid}`, `xaat-${uuid}`, `access-production-${uuid}`, `sec-c-${dashed(48)}`],
  ...[`rh-api-${uuid}`, `secret-live-${dashed(36)}`, `HRKU-${uuid}`],
  ...[`A3-${upper(6)}-${upper(6)}-${upper(5)}-${upper(5)}-${upper(5)}-${upper(5)}`],
  ...[`p8e-${lower(32)}`, `ico-${alnum(32)}`, `tk-us-${dashed(48)}`, `fio-u-${dashed(64)}`],
  ...[`xkeysib-${hex(64)}-${alnum(16)}`, `akab-${lower(16)}-${lower(16)}`, `md-${alnum(22)}`],
  ...[`s-s4t2ud-${hex(64)}`, `nvapi-${dashed(64)}`, `tvly-dev-${alnum(32)}`, `fc-${hex(32)}`],
  ...[`csk-${lower(48)}`, `pa-${dashed(43)}`, `bedrock-api-key-${alnum(40)}`],
  ...[`CFPAT-${dashed(43)}`, `BBDC-${alnum(44)}`, `BBFF-${alnum(30)}`, `NF-${alnum(32)}`],
  ...[`API-${upper(26)}`, `NRBR-${hex(19)}`, `NRIQ-${dashed(32)}`, `FLWSECK-${lower(32)}-X`],
  ...[`FLWSECK_TEST-${lower(12)}`, `thog-key-${hex(16)}`, `endr+${alnum(16)}`],
  ...[`glpat-${dashed(20)}`, `glrt-${dashed(20)}`, `glwt-${dashed(20)}`, `GR1348941${alnum(20)}`],
  ...[`xoxb-${dashed(40)}`, `xapp-1-${dashed(40)}`, `sq0csp-${dashed(43)}`, `GOCSPX-${dashed(28)}`],
  ...[`${alnum(6)}_${alnum(29)}_mmk`, `AKCp${alnum(69)}`, `cmVmdGtu${alnum(56)}`],
  ...[`ABSK${alnum(110)}`, `4b1d${alnum(38)}`, `EZAK${alnum(54)}`, `EZTK${alnum(54)}`],
  ...[`cflt${alnum(60)}`, `GOOG1E${upper(56)}`, `AKLT${alnum(40)}`, `KGAT_${hex(32)}`],
  ...[`CLOJARS_${lower(60)}`, `CCIPAT_${alnum(22)}_${hex(40)}`, `CCDB1_${alnum(22)}_${alnum(40)}`],
  ...[`apify_api_${alnum(36)}`, `bb_pr_${hex(30)}`, `flb_live_${alnum(20)}`, `figp_${dashed(44)}`],
  ...[`lsv2_pt_${hex(32)}_${hex(10)}`, `mdb_sa_sk_${dashed(40)}`, `phx_${alnum(43)}`],
  ...[`pcsk_${alnum(6)}_${alnum(63)}`, `ramp_sec_${alnum(48)}`, `rdme_${lower(70)}`],
  ...[`rootly_${hex(64)}`, `salad_cloud_user_${alnum(40)}`, `duffel_live_${dashed(43)}`],
  ...[`sktsec_${alnum(40)}_api`, `slk_${hex(64)}`, `sgp_local_${hex(40)}`, `syt_${alnum(32)}`],
  ...[`tfp_${alnum(44)}`, `tgp_v1_${dashed(43)}`, `wandb_v1_${alnum(77)}`, `dbtc_${dashed(43)}`],
  ...[`sb_secret_${dashed(31)}`, `aio_${alnum(28)}`, `bkua_${lower(40)}`, `cfut_${alnum(48)}`],
  ...[`cfk_${alnum(48)}`, `ddp_${alnum(36)}`, `ddapp_${alnum(34)}`, `expo_${alnum(40)}`],
  ...[`hcaik_${lower(58)}`, `inc_${hex(64)}`, `jina_${alnum(60)}`, `ls__${hex(32)}`],
  ...[`napi_${lower(60)}`, `nfc_${alnum(36)}`, `pnu_${alnum(36)}`, `rnd_${alnum(28)}`],
  ...[
    `shltm_${alnum(40)}`,
    `ak_live_${alnum(30)}`,
    `fw_${alnum(24)}`,
    `re_${alnum(8)}_${alnum(24)}`,
  ],
  ...[`shippo_live_${hex(40)}`, `sk_sbox_${lower(26)}`, `sm_pat_${alnum(16)}`, `sqp_${hex(40)}`],
  ...[`squ_${hex(40)}`, `sqco_${alnum(59)}`, `vcp_${alnum(56)}`, `xau_${alnum(40)}`],
  ...[`live_${alnum(35)}`, `pk_${hex(34)}`, `pk_12345_${upper(32)}`, `rzp_live_${alnum(14)}`],
  ...[`shptka_${hex(32)}`, `sntrya_${hex(64)}`, `sess-${alnum(40)}`, `doo_v1_${hex(64)}`],
  ...[`AVNS_${alnum(19)}`, `SCW${upper(17)}`, `EXO${hex(24)}`, `oy2${lower(43)}`],
  ...[`dose${hex(32)}`, `dkea${hex(32)}`, `ABIA${upper(16).replace(/[0189]/g, 'A')}`],
  ...[`ATTA${hex(64)}`, `EAAB${alnum(120)}`, `A21AA${alnum(90)}`, `IGQV${alnum(150)}`],
  ...[`AAAAAAAAAAAAAAAAAAAAAA${alnum(80)}`, `3MVG9${alnum(80)}`, `5AEP861${alnum(80)}`],
  ...[`00D${alnum(15)}!${alnum(96)}`, `sk${alnum(80)}`, `dG9rO${alnum(50)}`, `fm2_${alnum(120)}`],
  ...[`eyJrIjoi${alnum(80)}`, `pi_${alnum(24)}_secret_${alnum(25)}`, `${alnum(76)}AZDO${alnum(4)}`],
  ...[`pat.${alnum(22)}.${hex(24)}.${alnum(20)}`, `VF.DM.${hex(24)}.${alnum(16)}`],
  ...[`mlsn.${hex(64)}`, `snyk_uat.${alnum(8)}.${dashed(40)}`, `st.${uuid}.${hex(32)}.${hex(32)}`],
  ...[
    `sl.u.${dashed(90)}`,
    `AQ.${dashed(50)}`,
    `v1.0-${hex(24)}-${hex(146)}`,
    `sha256~${alnum(43)}`,
  ],
  ...[`1000.${hex(32)}.${hex(32)}`, `0.${uuid}.${alnum(30)}:${alnum(22)}==`],
  ...[`2/1200123456789012/1200123456789013:${hex(32)}`, `t1.${alnum(40)}.${alnum(86)}`],
  ...[`pdus+_${alnum(20)}`, `AQVN${alnum(35)}`],
];

test.each(tokens)('a token is hidden by its prefix alone: %s', (token) => {
  for (const line of [
    airflow2(token),
    airflow2(`got ${token}, going on`),
    airflow3(`use '${token}'`),
    airflow2(bash(`tool sync ${token} && airflow users create -u eve -r Admin`)),
  ]) {
    expect([line, mayHoldSecret(line)]).toEqual([line, true]);
    const redacted = redactSecrets(line);
    expect(redacted).toContain(redactionMark);
    for (const part of token.split(/[^A-Za-z0-9]/).filter((each) => each.length > 11)) {
      expect(redacted).not.toContain(part);
    }
    if (line.includes('-u eve')) expect(redacted).toContain('users create -u eve -r Admin');
  }
});

test.each([
  ...['api-gateway-readers-of-all-regions', 'sdk-team', 'mob-squad-leads', 'pat-na1-team'],
  ...['live_dashboard_viewers_emea_2026', 'pk_customer_dimension_loader_v2_2026', 'md-loader-2026'],
  ...[
    'fc-forecast-daily-model-run-2',
    'fw_rule_update_2026_emergency_x',
    'inc_response_team_oncall_1',
  ],
  ...['tskey-admins', 'nfs_mount_operators_group_2', 'bkup_daily_restore_readers_1', 'VF.readers'],
  ...[
    'live_trafficdashboardsforeveryteam',
    'sess-management-reviewers',
    'API-Gateway-Operators-2026',
  ],
  ...['st.petersburg.readers', 'sl.analytics', 'pa-data-platform-engineers-emea-2026-oncall-x'],
])('the name of a user or role that resembles a token stays: %s', (name) => {
  const line = airflow2(`User "${name}" added to role "${name}"`);
  expect(redactSecrets(line)).toBe(line);
});
