import { characterKind, nextLongRun, runEnd } from './long-runs.ts';
import { prefixTokens } from './vendor-prefixes.ts';

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
