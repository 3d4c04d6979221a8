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
const prefixTokens: readonly RegExp[] = [...dashedTokens, ...prefixedTokens, ...partedTokens];

/** A set of ASCII characters: 1 at the code of each; no other character is in it. */
type CharacterKind = Uint8Array;

export function characterKind(pattern: RegExp): CharacterKind {
  return Uint8Array.from({ length: 128 }, (_, code) =>
    pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}

/**
 * The index of the next run of at least `charactersMin` characters of a kind. Reads no character
 * twice, and only a few of a text without such a run.
 *
 * @param from must not be in the middle of a run
 * @returns -1 if there is none
 */
export function nextLongRun(
  text: string,
  kind: CharacterKind,
  charactersMin: number,
  from = 0,
): number {
  let begin = from;
  // The characters from `begin` up to here are known to be of the kind.
  let known = from;
  for (;;) {
    const end = begin + charactersMin;
    if (end > text.length) return -1;
    let at = end - 1;
    while (at >= known && kind[text.charCodeAt(at)] === 1) at -= 1;
    if (at < known) return begin;
    begin = at + 1;
    known = end;
  }
}

/** The index after a run that includes `from`. */
export function runEnd(text: string, kind: CharacterKind, from: number): number {
  let end = from;
  while (end < text.length && kind[text.charCodeAt(end)] === 1) end += 1;
  return end;
}

/**
 * Secrets that are recognized without any context: keys, tokens and hashes, by the prefixes that
 * their issuers gave them so that scanners find them. None begins inside a word. Lengths are lower
 * bounds: names of users and roles may begin in the same way, but are shorter.
 *
 * Most are documented at
 * https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
 */
const wordTokens: readonly RegExp[] = [
  // A private key without its frame: DER begins with a sequence (`MII`), OpenSSH's format with its
  // name.
  /(?<![\w+/-])(?:MII[A-Za-z0-9+/]{3}|b3BlbnNzaC1rZXkt)[A-Za-z0-9+/]{30,}={0,2}/,
  // A JSON web token.
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/,
  // An AWS access key id, and the secret key when it follows.
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])(?:[^A-Za-z0-9/+]{1,20}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=]))?/,
  // A session token of AWS STS.
  /(?<![A-Za-z0-9/+])(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+=%]+/,
  // A password's hash, as Airflow stores it in ab_user.
  /(?<!\w)(?:pbkdf2:sha\d{1,3}(?::\d{1,9})?|scrypt:\d{1,9}:\d{1,3}:\d{1,3})\$[^\s'"$]+\$[0-9a-fA-F]+/,
  // A Fernet key.
  /(?<![\w-])[\w-]{43}=(?![\w=])/,
  // GitHub, GitLab, npm, PyPI, Docker, RubyGems, crates.io.
  /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,})/,
  /(?<![\w-])gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]{20,}/,
  /(?<!\w)(?:npm_[A-Za-z0-9]{30,}|dckr_(?:pat|oat)_[\w-]{20,}|rubygems_[0-9a-f]{48}|cio[A-Za-z0-9]{32})/,
  /(?<![\w-])pypi-[\w-]{40,}/,
  // Slack, Discord, Teams, Telegram, Twilio, SendGrid, Mailgun, Mailchimp.
  /(?<![\w-])xox[abeoprs](?:\.xox[bp])?-[\w-]{10,}|(?<![\w-])xapp-\d-[\w-]{20,}/,
  /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]{10,}/,
  /(?<=discord(?:app)?\.com\/api\/webhooks\/\d{5,30}\/)[\w-]{20,}/,
  /(?<=webhook\.office\.com\/)[\w/@-]{40,}/,
  /(?<![\w:])(?:bot)?\d{8,10}:A[\w-]{34,}/,
  /(?<![A-Za-z0-9])(?:SK|AC)[0-9a-f]{32}(?![A-Za-z0-9])/,
  /(?<!\w)SG\.[\w-]{16,}\.[\w-]{16,}/,
  /(?<![\w-])key-[0-9a-f]{32}(?![\w-])|(?<!\w)[0-9a-f]{32}-us\d{1,2}(?!\w)/,
  // Stripe, Square, PayPal, Shopify, Facebook.
  /(?<!\w)(?:[sr]k|whsec)_(?:live_|test_|prod_)?[A-Za-z0-9]{20,}/,
  /(?<!\w)sq0[a-z]{3}-[\w-]{22,}|(?<![\w-])EAAA[\w-]{60}/,
  /(?<!\w)shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/,
  /(?<!\w)EAAC[A-Za-z0-9]{40,}|(?<!\w)access_token\$production\$[\w$]{40,}/,
  // Google, Azure, DigitalOcean, Heroku, Cloudflare, Databricks, Snowflake, Alibaba, Tencent.
  /(?<![\w-])AIza[\w-]{30,}|(?<!\w)ya29\.[\w-]{20,}|(?<!\w)1\/\/0[\w-]{40,}|(?<!\w)GOCSPX-[\w-]{20,}/,
  /(?<![\w~.-])[A-Za-z0-9]{3}\dQ~[\w~.-]{31,}/,
  /(?<!\w)do[opr]_v1_[0-9a-f]{64}|(?<!\w)HRKU-[\w-]{36,}|(?<!\w)dapi[0-9a-f]{32}(?:-\d)?/,
  /(?<!\w)LTAI[A-Za-z0-9]{20}(?!\w)|(?<!\w)AKID[A-Za-z0-9]{32}(?!\w)/,
  // HashiCorp, Doppler, Pulumi, 1Password, age.
  /(?<!\w)hv[sbr]\.[\w-]{24,}|(?<!\w)s\.[A-Za-z0-9]{24}(?!\w)|(?<![\w.-])[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}/,
  /(?<!\w)dp\.(?:pt|st|sa|ct|scim|audit)\.[\w.-]{32,}|(?<!\w)pul-[0-9a-f]{40}|(?<!\w)ops_eyJ[\w-]{50,}/,
  /(?<!\w)AGE-SECRET-KEY-1[A-Z0-9]{40,}/,
  // Atlassian, Linear, Notion, Figma, Postman, Airtable, Asana, Okta.
  /(?<!\w)AT(?:ATT|CTT|BB)[\w=-]{24,}|(?<!\w)lin_(?:api|oauth)_[A-Za-z0-9]{32,}/,
  /(?<!\w)(?:secret_|ntn_)[A-Za-z0-9]{40,}|(?<!\w)figd_[\w-]{30,}|(?<!\w)PMAK-[0-9a-f]{24}-[0-9a-f]{34}/,
  // Discord's bots, and keys that are only random: of Azure in Base64, of AWS, of many others.
  /(?<!\w)[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27}/,
  /(?<![\w/+=.-])[A-Za-z0-9+/]{86}==/,
  /(?<![\w/+=.-])(?=[A-Za-z/+]{0,30}\d[A-Za-z/+]{0,30}\d[A-Za-z/+]{0,30}\d)(?=[0-9A-Z/+]{0,39}[a-z])(?=[0-9a-z/+]{0,39}[A-Z])[A-Za-z0-9/+]{40}(?:[A-Za-z0-9/+]{24})?(?![\w/+=.-])/,
  /(?<!\w)pat[A-Za-z0-9]{14}\.[0-9a-f]{64}/,
  // OpenAI, Anthropic, Hugging Face, Replicate, Groq.
  /(?<![\w-])sk-(?:proj-|ant-|svcacct-|admin-|or-v1-)?[\w-]{30,}/,
  /(?<!\w)(?:hf|api_org)_[A-Za-z0-9]{30,}|(?<!\w)r8_[A-Za-z0-9]{30,}|(?<!\w)(?:gsk|xai)_[A-Za-z0-9]{40,}|(?<!\w)(?:gsk|xai)-[A-Za-z0-9]{40,}/,
  // Grafana, New Relic, Sentry, Datadog, Dynatrace, PlanetScale, Supabase, Netlify, Fly, Confluent.
  /(?<!\w)gl(?:c|sa)_[\w=+/]{30,}|(?<!\w)NR(?:AK|II|JS|RA)-[A-Z0-9-]{27,}|(?<!\w)sntry[su]_[\w=+/]{40,}/,
  /(?<!\w)dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}/,
  /(?<!\w)pscale_(?:tkn|pw|oauth)_\w{32,}/,
  /(?<!\w)sb[ps]_[A-Za-z0-9]{40,}|(?<!\w)nfp_[A-Za-z0-9]{36,}|(?<!\w)fo1_[\w-]{43}|(?<!\w)FlyV1\sfm\d_[\w+/=,-]{40,}/,
];

/** The frame of a private key. */
export const keyFrame = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;

/** Tokens that begin with a sign: hashes of crypt(3) and LDAP. */
export const signTokens: readonly RegExp[] = [
  /\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}/,
  /\$argon2(?:id|i|d)\$[\w=,$+/.-]{20,}/,
  /\$(?:[1567y]|sha1|md5|apr1)\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9]{1,100}\$[./A-Za-z0-9]{20,}/,
  /\{S?(?:SHA|MD5|CRYPT)\d{0,3}\}[A-Za-z0-9+/=$.]{16,}/,
];

const either = (regexps: readonly RegExp[]) => regexps.map(({ source }) => source).join('|');

/** A word whose issuer is known by its prefix. */
const prefixToken = `(?<![\\w.-])(?:${either(prefixTokens)})`;

/** Any of {@link wordTokens} and prefixed tokens, tried only where enough characters follow. */
export const wordToken = new RegExp(
  `(?<!\\w)(?=[^\\s"']{10}|FlyV1\\s)(?:${either(wordTokens)}|${prefixToken})`,
);

const anyPrefixToken = new RegExp(prefixToken);
const wordCharacters = characterKind(/\w/);
/** Every token without a known prefix has a run of at least this many word characters. */
const tokenCharactersMin = 16;
const digitOrMixed = /\d|[a-z][A-Z]|[A-Z]{8}/;

/**
 * Whether a text may hold one of these tokens: a word of it is long and mixed, or has a known
 * prefix.
 */
export function mayHoldToken(text: string): boolean {
  // The parts of a JSON web token may be short.
  if (text.includes('eyJ')) return true;
  let at = nextLongRun(text, wordCharacters, tokenCharactersMin);
  while (at >= 0) {
    const end = runEnd(text, wordCharacters, at + tokenCharactersMin);
    if (digitOrMixed.test(text.slice(at, end))) return true;
    at = nextLongRun(text, wordCharacters, tokenCharactersMin, end);
  }
  return anyPrefixToken.test(text);
}
