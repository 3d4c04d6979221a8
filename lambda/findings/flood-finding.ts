import { cutText } from '../common/text.ts';
import { nameCharactersMax, signalCount } from '../flood/change-flood.ts';
import type { ChangeFlood } from '../flood/flood-schema.ts';
import { actorOf } from '../model/actor.ts';
import type { Evidence, Finding } from '../model/finding.ts';
import { redactSecrets } from '../redact/redact.ts';
import { shownName, shownNames } from '../text/show-text.ts';
import type { FindingRecord } from './finding-record.ts';
import { type OwnFinding, ownRecord, ownRecordKey } from './own-finding.ts';

type Named = ChangeFlood['targets'][number];

/** Where a flood is: in one log stream, or in many of a log group. */
export interface FloodPlace {
  readonly logGroup: string;
  /** Absent for a log group whose slice has too many streams. */
  readonly logStream?: string | undefined;
  readonly streamId?: string | undefined;
  readonly hourEpochMs: number;
  /** Its index among several. @default 0 */
  readonly index?: number;
}

/**
 * How many floods of one hour name actors: 60,000 actors of a log group, 800 of one log stream. All
 * of them are read for each slice that has something to add.
 */
export const floodsOfGroupMax = 300;
export const floodsOfStreamMax = 4;

interface Surroundings {
  readonly environment: string;
  readonly region: string;
  readonly tickEpochMs: number;
}

function identityOf({ logGroup, streamId, hourEpochMs, index = 0 }: FloodPlace) {
  return [logGroup, streamId ?? '', hourEpochMs, ...(index === 0 ? [] : [index])];
}

/** Where the ledger stores a flood: its id depends only on its place, the hour and its index. */
export function floodRecordId(place: FloodPlace, environment: string) {
  return ownRecordKey({ detection: 'change-flood', identity: identityOf(place) }, environment);
}

/** A flood as a finding. */
export function floodRecord(
  flood: ChangeFlood,
  place: FloodPlace,
  surroundings: Surroundings,
): FindingRecord {
  const { logGroup, logStream } = place;
  const own: OwnFinding = {
    detection: 'change-flood',
    identity: identityOf(place),
    severity: flood.severity,
    title: titleOf(flood, place),
    logGroups: [logGroup],
    startEpochMs: flood.firstEpochMs,
    endEpochMs: flood.lastEpochMs,
  };
  const record = ownRecord(own, surroundings);
  const [actor, ...others] = flood.actors;
  const single = actor !== undefined && others.length === 0 && flood.unnamedSignals === 0;
  const finding: Finding = {
    ...record.finding,
    actor: single ? actorOf({ logGroup, logStream: actor.logStream }) : {},
    ...named('target', flood.targets),
    ...named('role', flood.roles),
    evidence: evidenceOf(flood, place, logStream ?? '-'),
  };
  return { ...record, finding, flood };
}

function named<K extends 'target' | 'role'>(key: K, names: readonly Named[]) {
  if (names.length === 0) return {};
  const text = cutText(names.map(({ name }) => name).join(', '), 256);
  return { [key]: text } as { [key in K]: string };
}

function titleOf(flood: ChangeFlood, { logGroup, logStream }: FloodPlace): string {
  const where = shownName(logStream ?? logGroup, 80);
  const actors = flood.actors.map(({ name }) => name);
  const by =
    actors.length === 1
      ? ` by ${actors[0]}`
      : ` by ${actors.length}${flood.unnamedSignals > 0 ? ' and more' : ''} actors`;
  const roles = flood.roles.length === 0 ? '' : `; roles ${shownNames(namesOf(flood.roles))}`;
  const count = signalCount(flood);
  const title = `${count} more ${count === 1 ? 'line' : 'lines'} about privileges in ${where}${by}, the worst ${flood.severity}${roles}`;
  return redactSecrets(cutText(title, 250));
}

const namesOf = (names: readonly Named[]) => names.map(({ name }) => name);

const actorsHead = 'by';

/** The lines of a flood's evidence that name its actors; empty for any other finding. */
export function floodActorLines({ detections, evidence }: Finding): string[] {
  const [detection] = detections;
  if (detection !== 'change-flood') return [];
  const head = `${actorsHead}: `;
  return evidence.flatMap(({ message }) => (message.startsWith(head) ? [message] : []));
}

/** As many as the ledger stores for a finding. */
const evidenceLinesMax = 100;

/** Names in one line of evidence, which holds at most 1 kB. */
const lineCharactersMax = 1_000;

/**
 * The contents of a flood as lines: the counts, every actor, users and roles, and some of the worst
 * lines.
 */
function evidenceOf(flood: ChangeFlood, { logGroup }: FloodPlace, logStream: string): Evidence[] {
  const at = (epochMs: number) => new Date(epochMs).toISOString();
  const kinds = Object.entries(flood.byKind)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, signals]) => `${kind}: ${signals}`);
  const actors = flood.actors.map(
    ({ name, severity, signals, whom }) =>
      `${name} (${severity}, ${signals}${whom === undefined ? '' : `: ${whom}`})`,
  );
  const more =
    flood.unnamedSignals === 0
      ? []
      : [`${flood.unnamedSignals} ${flood.unnamedSignals === 1 ? 'line' : 'lines'} of others`];
  const names =
    flood.namesOmitted === 0
      ? []
      : [`${flood.namesOmitted} more ${flood.namesOmitted === 1 ? 'name' : 'names'}`];
  const summary = [
    ...listed('counts', kinds),
    ...listed(actorsHead, [...actors, ...more]),
    ...listed(
      'users',
      namesOf(flood.targets).map((name) => shownName(name, nameCharactersMax)),
    ),
    ...listed('roles', [
      ...namesOf(flood.roles).map((name) => shownName(name, nameCharactersMax)),
      ...names,
    ]),
  ].slice(0, evidenceLinesMax);
  const place = { logGroup, timestamp: at(flood.firstEpochMs), occurrences: 1 };
  const samples = flood.actors.filter(({ sample }) => sample !== '');
  return [
    ...summary.map((message) => ({ ...place, logStream, message })),
    ...samples.slice(0, evidenceLinesMax - summary.length).map((actor) => ({
      logGroup,
      logStream: actor.logStream,
      timestamp: at(actor.firstEpochMs),
      message: actor.sample,
      occurrences: Math.max(1, actor.signals),
    })),
  ];
}

function listed(head: string, texts: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const text of texts) {
    if (line !== '' && line.length + text.length > lineCharactersMax) {
      lines.push(`${head}: ${line}`);
      line = '';
    }
    line = line === '' ? text : `${line}; ${text}`;
  }
  if (line !== '') lines.push(`${head}: ${line}`);
  return lines;
}
