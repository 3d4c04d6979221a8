import type { Check } from '../../facts/facts.ts';
import {
  type Fix,
  fail,
  type Judgement,
  pass,
  toDo,
  undecided,
  unknown,
} from '../../shapes/judgement.ts';
import type { QueryTrial, QueryTrials } from '../../shapes/log-shapes.ts';

export const queryAccepted: Check = {
  id: 'query-accepted',
  area: 'observability',
  title: 'Logs Insights runs the monitor’s queries',
  meaning:
    'A query that Logs Insights does not run finds nothing: without the documented query no add-role is counted, and without a detection its changes go unnoticed.',
  look: ({ observed: { queries } }) => {
    if (queries.kind !== 'known') return [unknown(queries)];
    return queries.value === null
      ? 'no log group of the environment can be queried for a second ten minutes ago'
      : judgeTrials(queries.value);
  },
};

function judgeTrials({ trials, notTried }: QueryTrials): readonly Judgement[] {
  const ofKind = (kind: QueryTrial['kind']) => trials.filter((trial) => trial.kind === kind);
  const alone = ofKind('detection');
  return [
    ...ofKind('documented').map((trial) =>
      judge(trial, 'the documented query', documentedFix(trial)),
    ),
    ...ofKind('pack').map((trial) => {
      const name = `the text of all ${trial.detections.length} detections`;
      return judge(trial, name, packFix(alone));
    }),
    ...judgeAlone(alone),
    ...(notTried.length === 0
      ? []
      : [
          undecided(
            `these detections were not tried alone: ${notTried.join(', ')}`,
            toDo('Fix the refused ones among the others first, and run the doctor again.'),
          ),
        ]),
  ];
}

/**
 * Detections are tried alone when the pack does not work, to find out which of them is at fault.
 */
function judgeAlone(alone: readonly QueryTrial[]): readonly Judgement[] {
  const others = alone.filter((trial) => !isRun(trial));
  if (alone.length > 0 && others.length === 0) {
    return [pass(`each of the ${alone.length} detections runs alone: only their union does not`)];
  }
  const [first] = others;
  if (first !== undefined && areAllRefused(alone)) {
    return [judge(first, `each of the ${alone.length} detections alone`, packFix(alone))];
  }
  return others.map((trial) =>
    judge(trial, `the detection ${trial.detections.join()} alone`, packFix(alone)),
  );
}

function judge({ start, end }: QueryTrial, name: string, fix: Fix): Judgement {
  if (start.kind !== 'known') return unknown(start);
  if ('refused' in start.value) return fail(`${name} is refused: ${start.value.refused}`, fix);
  if (end === undefined) {
    return unknown({ kind: 'failed', action: 'logs:GetQueryResults', error: 'it was not called' });
  }
  if (end.kind !== 'known') return unknown(end);
  const { status, statistics } = end.value;
  switch (status) {
    case 'Complete':
      return pass(`${name} was run over one second${scanned(statistics?.bytesScanned)}`);
    case 'Failed':
      return fail(`${name} was accepted, but its query failed`, fix);
    case 'Scheduled':
    case 'Running':
      return undecided(
        `the query of ${name} was still ${status} after half a minute, and was stopped`,
        toDo('Run the doctor again when fewer queries run in this account.'),
      );
    default:
      return undecided(`the query of ${name} ended as ${status}`, toDo('Run the doctor again.'));
  }
}

function scanned(bytes: number | undefined): string {
  return bytes === undefined ? '' : `, and scanned ${bytes.toLocaleString('en')} bytes`;
}

/** Then the cause is not one detection, but something that all texts have in common. */
function areAllRefused(alone: readonly QueryTrial[]): boolean {
  return alone.length > 1 && alone.every(isRefused);
}

function isRefused({ start }: QueryTrial): boolean {
  return start.kind === 'known' && 'refused' in start.value;
}

function isRun({ end }: QueryTrial): boolean {
  return end?.kind === 'known' && end.value.status === 'Complete';
}

/** Its text is AWS's own, so the cause must be the log groups or the time. */
function documentedFix(trial: QueryTrial): Fix {
  return isRefused(trial)
    ? toDo(
        'Read the message: the text is the one that AWS documents, so the cause is the log groups or the time. Run the doctor again; please report a refusal that persists.',
      )
    : toDo(
        'Make sure that the key of each log group may be used (see the checks of the keys), and run the doctor again.',
      );
}

function packFix(alone: readonly QueryTrial[]): Fix {
  const refused = alone.filter(
    (trial) =>
      isRefused(trial) || (trial.end?.kind === 'known' && trial.end.value.status === 'Failed'),
  );
  if (refused.length === 0 || areAllRefused(alone)) {
    return toDo(
      'Report it with AWS’s message. The monitor continues without the pack: the documented query does not depend on it.',
    );
  }
  const ids = refused.flatMap(({ detections }) => detections).join(', ');
  return toDo(
    `Report it with AWS’s message. The monitor continues without ${ids}, and its alarm says so; to silence that alarm, set detections: { disable: [${ids}] } in environments/<name>.yaml.`,
  );
}
