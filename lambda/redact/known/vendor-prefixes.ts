/**
 * Prefixes that issuers gave to their keys and tokens so that scanners find them, in addition to
 * those in `vendor-tokens.ts`. Sources are the issuers' documentation and the patterns of public
 * scanners; lengths are lower bounds. Each begins a word. A short prefix, which a user's or role's
 * name may also have, must be followed by random text with a digit.
 */

/** Parts separated by `-`. */
const dashedTokens: readonly RegExp[] = [
  // Tailscale, Headscale, HubSpot, LaunchDarkly, Langfuse, Axiom, Plaid, PubNub, Robinhood, Stytch.
  /(?:ts|hs)key-[a-z]{2,12}-[\w-]{16,}|pat-[a-z]{2,4}\d-[\w-]{30,}/,
  /(?:api|sdk|mob|xaat|xapt)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
  /(?:sk-lf|rh-api|sec-c|access-(?:sandbox|development|production)|secret-(?:live|test))-[\w-]{30,}/,
  // 1Password, Adafruit, Infracost, Scalingo, Brevo, Frame.io, Intra 42, Akamai, Mandrill, Heroku.
  /A3-[A-Z0-9]{6}-[A-Z0-9-]{11,13}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}/,
  /(?:p8e|ico)-[A-Za-z0-9]{32}|x(?:keys|smtps)ib-[0-9a-f]{30}[\w-]{30,}|akab-[a-z0-9]{16}-[a-z0-9]{16}|md-\w{22}(?![\w-])/,
  /(?:tk-us|fio-u)-[\w-]{48,}|HRKU-[\w-]{36,}|[su]-s4t2(?:ud|af)-[0-9a-f]{40,}/,
  // NVIDIA, Tavily, Firecrawl, Cerebras, Voyage, Bedrock.
  /nvapi-[\w-]{40,}|tvly-(?:dev-|prod-)?[A-Za-z0-9]{24,}|fc-[0-9a-f]{32}|csk-[a-z0-9]{40,}|bedrock-api-key-[\w+/=-]{20,}/,
  /pa-(?=[a-z0-9_-]{0,43}[A-Z])(?=[A-Za-z_-]{0,43}\d)[\w-]{43}(?![\w-])/,
  // Contentful, Bitbucket's Data Center, Ubidots, Nightfall, Octopus, New Relic.
  /CFPAT-[\w-]{40,}|BBDC-[\w+/@-]{36,}|BB(?:FF|US)-[A-Za-z0-9]{30}|NF-[A-Za-z0-9]{32}|API-[A-Z0-9]{25,}|NR(?:BR|IQ|AK)-[\w-]{19,}/,
  // Flutterwave, TruffleHog, Endor.
  /FLW(?:SECK|PUBK)(?:_TEST)?-[0-9a-zA-Z]{12,}|thog-(?:key|secret)-[0-9a-f]{16,}|endr\+[A-Za-z0-9-]{16,}/,
  // GitLab, Slack, Square and Google, whose parts may happen to be short.
  /gl(?:pat|dt|rt|cbt|ptt|ft|imt|wt|agent|oas|soat|ffct)-[\w-]{20,}|GR1348941[\w-]{20,}/,
  /xox[a-z](?:\.xox[a-z])?-[\w-]{10,}|xapp-\d-[\w-]{20,}|sq0[a-z]{3}-[\w-]{22,}|GOCSPX-[\w-]{20,}/,
  // MaxMind, whose marker is a suffix.
  /[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk(?!\w)/,
];

/** A prefix, followed by one run of letters and digits. */
const prefixedTokens: readonly RegExp[] = [
  // Prefixes that are no words: the length is enough.
  /(?:AKCp|cmVmdGtu|ABSK|4b1d|EZ[AT]K|cflt|GOOG1[A-Z]?|AKLT|ALTAK-?|TKLT|KGAT_|CLOJARS_|CC(?:IPAT|IPRJ|DB1)_)\w{22,}/,
  /(?:apify_api|bb_(?:pr|ma)|flb_live|figp|lsv2_(?:pt|sk)|mdb_sa_(?:sk|id)|phx|phs|pcsk|ramp_(?:id|sec)|rdme|rootly|salad_cloud)_[\w-]{20,}/,
  /(?:duffel_(?:test|live)|essu|sktsec|s[gl][pk]|syt|tfp|tgp_v1|wandb_v1|sb_(?:secret|publishable)|dbt[cstu])_(?=[A-Za-z_=-]{0,40}\d)[\w=-]{30,}/,
  // Short prefixes, which a name may also have: one run with a digit must follow.
  /(?:aio|bk[a-z]{2}|cf(?:[ua]t|k)|dd(?:[pw]|app|pat)|expo|hc[a-z]{3}|inc|jina|jsrp|ls_|napi|nf[a-z]|pn[bu]|rnd|shltm)_(?=[A-Za-z]{0,40}\d)[A-Za-z0-9]{20,}/,
  /(?:a[kc]_(?:live|test)|fw|sk_sbox|vc[a-z]|xau)_(?=[A-Za-z]{0,30}\d)[A-Za-z0-9]{20,}|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{22,}/,
  /(?:shippo_(?:live|test)|sm_[aps]at|sq(?:co|[apu]))_(?=[A-Za-z]{0,30}\d)[A-Za-z0-9]{16,}/,
  /(?:live|test|pk|pk_\d{1,12})_(?=[A-Za-z]{0,30}\d)[A-Za-z0-9]{30,}|pk_[A-Za-z0-9]{6}_[0-9a-f]{34}|rzp_(?:live|test)_\w{14,}/,
  /(?:shp[a-z]{2,4}|sntry[a-z]|sess|do[a-z]_v1|authress|scauth)[_-](?=[A-Za-z_]{0,40}\d)[\w.+/=-]{30,}/,
  /(?:AVNS_[\w-]{16,}|SCW[A-Z0-9]{17}(?!\w)|EXO[0-9a-f]{24}(?!\w)|oy2[a-z0-9]{43}(?!\w)|dose[0-9a-f]{32})/,
  /(?:d(?:kea|sapi)[0-9a-f]{32}|A(?:BIA|CCA|3T[A-Z0-9])[A-Z2-7]{16}(?!\w)|ATTA[0-9a-f]{50,}|IG[A-Z]{2}\w{100,})/,
  /(?:EAA[A-Z][A-Za-z0-9]{60,}|A21AA[\w-]{60,}|AQE[A-Za-z0-9]{6,20}[\w+/.-]{60,}|AAAAAAAAAAAAAAAAAAAA[\w%]{40,})/,
  /(?:3MVG9|5AEP861)[\w.+/=]{60,}|00D[A-Za-z0-9]{12,15}![\w.]{60,}|sk[A-Za-z0-9]{78,}|dG9rO[\w=+/-]{40,}/,
  /(?:fm1[ar]|fm2)_[A-Za-z0-9+/]{60,}|eyJrIjoi[A-Za-z0-9]{40,}|pi_[A-Za-z0-9]{24}_secret_\w{20,}/,
  /[A-Za-z0-9]{60,80}AZDO[A-Za-z0-9]{4}(?!\w)|A[A-Za-z0-9]{6}:APA91b[\w-]{60,}/,
];

/** Parts separated by other signs. */
const partedTokens: readonly RegExp[] = [
  // Harness, Voiceflow, MailerSend, Snyk, Infisical, Dropbox, Gemini, Cloudflare's origin,
  // OpenShift.
  /[ps]at\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}|VF\.(?:DM\.|WS\.)?[0-9a-fA-F]{24}\.[A-Za-z0-9]{16}/,
  /mlsn\.[0-9a-f]{40,}|snyk_[a-z]{3}\.[\w.-]{20,}|st\.[\w-]{20,}\.[\w.-]{20,}|sl\.(?:u\.)?[\w-]{60,}|AQ\.[\w-]{40,}/,
  /v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}|sha256~[\w-]{43}/,
  // Zoho, Bitwarden, Asana, Yandex, PagerDuty.
  /1000\.[0-9a-f]{32}\.[0-9a-f]{32}|0\.[0-9a-f-]{36}\.[A-Za-z0-9]{20,}:[\w+/=]{20,}/,
  /[12]\/\d{10,20}(?:\/\d{10,20})?:[0-9a-f]{32}|t1\.[\w-]{10,}={0,2}\.[\w-]{60,}={0,2}|pd[a-z]{2}\+_[\w-]{18,}/,
  /AQVN[\w-]{34,}/,
];

/** All of them. Their parts may be short, so that only the prefix identifies them. */
export const prefixTokens: readonly RegExp[] = [
  ...dashedTokens,
  ...prefixedTokens,
  ...partedTokens,
];
