import { shellWord } from '../common/text.ts';
import { redactSecrets } from '../redact/redact.ts';
import { isShownAsItIs } from '../text/show-text.ts';

/** The environment that commands are about. */
export interface CommandPlace {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** A Region of AWS; anything else is left out, and the command asks the Region of the reader's profile. */
  readonly region: string;
}

/** https://docs.aws.amazon.com/mwaa/latest/API/API_InvokeRestApi.html: `Path` has at most 64 characters. */
const pathCharactersMax = 64;

/**
 * A path of Airflow's REST API as InvokeRestApi takes it, without `/api/v1` or `/api/v2`; undefined where it
 * cannot name this.
 *
 * Airflow's routes take no slash within a name, not even as `%2F`, and no source says whether MWAA decodes a
 * path: so a name has plain characters only.
 */
function restPath(collection: 'dags' | 'users' | 'roles', name: string): string | undefined {
  const path = `/${collection}/${name}`;
  const isPlain = /^[A-Za-z0-9_.@-]+$/.test(name) && /[^.]/.test(name);
  if (!isPlain || path.length > pathCharactersMax) return undefined;
  // A name like `evil.com` would be a link in the mail.
  return isShownAsItIs(name) && redactSecrets(name) === name ? path : undefined;
}

/**
 * Pauses a DAG by Airflow's REST API: `PATCH /dags/{dag_id}` is the same in Airflow 2 and 3.
 *
 * @returns undefined where the API cannot name the DAG
 */
export function pauseCommand(place: CommandPlace, dag: string): string | undefined {
  const path = restPath('dags', dag);
  return path && restCall(place, 'PATCH', path, '--body', shellWord('{"is_paused":true}'));
}

/**
 * Takes a role from a user, or deletes a user who was created, by the REST API of Airflow 2. In Airflow 3 users
 * are outside of the API that InvokeRestApi calls.
 *
 * `PATCH /users/{username}` replaces all roles, and refuses a body without the other fields that a user must
 * have. So the command asks for them first, and sends the roles that are left.
 *
 * @returns undefined where the API cannot name the user
 */
export function restUndoCommand(
  place: CommandPlace,
  { username, role }: { readonly username: string; readonly role?: string | undefined },
): string | undefined {
  const path = restPath('users', username);
  if (path === undefined) return undefined;
  if (role === undefined) return restCall(place, 'DELETE', path);
  const fields = ['username', 'first_name', 'last_name', 'email'];
  const query = `RestApiResponse.{${fields.map((field) => `${field}: ${field}`).join(', ')}, roles: roles[?name != ${literal(role)}].{name: name}}`;
  const read = restCall(place, 'GET', path, '--query', shellWord(query), '--output json');
  const mask = shellWord('{"update_mask":"roles"}');
  return `body=$(${read}) && ${restCall(place, 'PATCH', path, '--query-parameters', mask, '--body "$body"')}`;
}

/**
 * What a role may do now, by the REST API of Airflow 2. In Airflow 3 roles are outside of the API that
 * InvokeRestApi calls.
 *
 * @returns undefined where the API cannot name the role
 */
export function showRoleCommand(place: CommandPlace, role: string): string | undefined {
  const path = restPath('roles', role);
  const query = 'RestApiResponse.actions[].[action.name, resource.name]';
  return path && restCall(place, 'GET', path, `--query ${shellWord(query)} --output table`);
}

/**
 * Deletes a role that no user has, by the REST API of Airflow 2: a log cannot show that a role is new, and to delete
 * one that was there before would take it from everybody who has it.
 *
 * One answer lists 100 users. Where there are more, or the question fails, the role stays.
 *
 * @returns undefined where the API cannot name the role
 */
export function deleteUnusedRoleCommand(place: CommandPlace, role: string): string | undefined {
  const path = restPath('roles', role);
  if (path === undefined) return undefined;
  const hasIt = `length(users[?contains(roles[].name, ${literal(role)})]) > \`0\``;
  const query = `RestApiResponse | (total_entries > length(users) || ${hasIt})`;
  const mayBeUsed = restCall(place, 'GET', '/users', `--query ${shellWord(query)} --output text`);
  const refusal = "echo 'Not deleted: a user has it, or this is not known.'";
  return `if [ "$(${mayBeUsed})" = False ]; then ${restCall(place, 'DELETE', path)}; else ${refusal}; fi`;
}

/** The newest files in the environment's bucket up to a time: S3 stores when, not who. */
export function uploadsCommand(place: CommandPlace, untilEpochMs: number): string {
  const bucket = awsCall(
    place,
    'mwaa get-environment',
    `--name ${shellWord(place.environment)}`,
    "--query 'Environment.SourceBucketArn' --output text",
  );
  // Without its zone, which the versions of the AWS CLI write in different ways.
  const until = literal(isoSecond(untilEpochMs).slice(0, -1));
  const query = `reverse(sort_by(Versions[?LastModified < ${until}] || \`[]\`, &LastModified))[:20].[LastModified, Key, VersionId]`;
  return awsCall(
    place,
    's3api list-object-versions',
    `--bucket "$(${bucket} | cut -d: -f6)"`,
    `--query ${shellWord(query)} --output table`,
  );
}

/** The file that somebody uploaded, as far as the log shows it. */
type UploadedFile =
  | { readonly name: string | undefined }
  /** The environment says which file it is. */
  | 'startup-script';

/** Sets the variables of the commands in the runbook on uploads, so that nothing in them has to be replaced. */
export function uploadVariables(
  place: CommandPlace,
  file: UploadedFile,
  untilEpochMs: number,
): string {
  const until = isoSecond(untilEpochMs).slice(0, -1).replace('T', ' ');
  const { environment, region } = place;
  const exported = isRegion(region)
    ? [`export AWS_REGION=${shellWord(region)} AWS_DEFAULT_REGION=${shellWord(region)}`]
    : [];
  const set = `ENV=${shellWord(environment)} FILE=${fileWord(place, file)} UNTIL=${shellWord(until)}`;
  return [...exported, set].join('; ');
}

/** The runbook's commands put it into SQL: a name with other characters is left out, and all files are listed. */
function fileWord(place: CommandPlace, file: UploadedFile): string {
  if (file !== 'startup-script') {
    return shellWord(/^[\w.-]+$/.test(file.name ?? '') ? (file.name ?? '') : '');
  }
  const path = awsCall(
    place,
    'mwaa get-environment',
    `--name ${shellWord(place.environment)}`,
    "--query 'Environment.StartupScriptS3Path' --output text",
  );
  return `"$(${path})"`;
}

/** The startup script that the environment runs, and when the environment was last changed. */
export function startupScriptCommand(place: CommandPlace): string {
  const query =
    'Environment.[SourceBucketArn, StartupScriptS3Path, StartupScriptS3ObjectVersion, LastUpdate.CreatedAt]';
  return awsCall(
    place,
    'mwaa get-environment',
    `--name ${shellWord(place.environment)}`,
    `--query ${shellWord(query)} --output text`,
  );
}

/** Management events of MWAA: the only ones in CloudTrail's event history, which goes back 90 days. */
type MwaaEvent = 'CreateWebLoginToken' | 'InvokeRestApi' | 'UpdateEnvironment';

/** Who called an operation of MWAA for this environment, by CloudTrail's event history. */
export function callersCommand(
  place: CommandPlace,
  event: MwaaEvent,
  { startEpochMs, endEpochMs }: { readonly startEpochMs: number; readonly endEpochMs: number },
): string {
  const query = `Events[?contains(CloudTrailEvent, ${literal(`"${place.environment}"`)})].[EventTime, EventName, Username]`;
  return awsCall(
    place,
    'cloudtrail lookup-events',
    `--lookup-attributes AttributeKey=EventName,AttributeValue=${event}`,
    `--start-time ${isoSecond(startEpochMs)} --end-time ${isoSecond(endEpochMs)}`,
    `--query ${shellWord(query)} --output table`,
  );
}

function restCall(
  place: CommandPlace,
  method: 'GET' | 'PATCH' | 'DELETE',
  path: string,
  ...options: readonly string[]
): string {
  return awsCall(
    place,
    'mwaa invoke-rest-api',
    `--name ${shellWord(place.environment)}`,
    `--method ${method} --path ${shellWord(path)}`,
    ...options,
  );
}

function awsCall({ region }: CommandPlace, operation: string, ...options: readonly string[]) {
  const inRegion = isRegion(region) ? [`--region ${shellWord(region)}`] : [];
  return ['aws', operation, ...inRegion, ...options].join(' ');
}

function isRegion(region: string): boolean {
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(region);
}

/** A text in a JMESPath expression: JSON between backticks, which are escaped within it. */
function literal(text: string): string {
  return `\`${JSON.stringify(text).replaceAll('`', '\\`')}\``;
}

/** `2026-11-22T05:50:01Z` */
function isoSecond(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
