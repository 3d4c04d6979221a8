import { Field, Group, groupBytes } from './scan-state';

const recordBytes: usize = 24;

/** Passes over the line that was scanned last. */
export function pass(state: usize): void {
  const group = groupOf(state);
  const timestamp = load<f64>(state, Field.timestamp);
  if (load<u32>(group, Group.recordsEach) !== 0 || isOfOtherTime(group, timestamp)) record(state);
  else addTo(group, state, timestamp);
  store<u32>(state, load<u32>(state, Field.passedCount) + 1, Field.passedCount);
  store<f64>(state, timestamp, Field.passedEpochMs);
  store<u32>(state, load<u32>(state, Field.next), Field.at);
}

export function groupOf(state: usize): usize {
  return <usize>load<u32>(state, Field.groups) + <usize>load<u32>(state, Field.group) * groupBytes;
}

export function isOfOtherTime(group: usize, timestamp: f64): bool {
  return (
    timestamp < load<f64>(group, Group.firstEpochMs) ||
    timestamp > load<f64>(group, Group.lastEpochMs)
  );
}

function record(state: usize): void {
  const count = load<u32>(state, Field.recordsCount);
  const place = <usize>load<u32>(state, Field.records) + <usize>count * recordBytes;
  store<u32>(place, load<u32>(state, Field.group));
  store<u32>(place, load<u32>(state, Field.textBytes), 4);
  store<f64>(place, load<f64>(state, Field.timestamp), 8);
  store<f64>(place, load<f64>(state, Field.ingestionTime), 16);
  store<u32>(state, count + 1, Field.recordsCount);
}

/** Adds the line that was scanned last to what is known of its group's. */
function addTo(group: usize, state: usize, timestamp: f64): void {
  const ingestionTime = load<f64>(state, Field.ingestionTime);
  const visible = ingestionTime < 0 ? timestamp : ingestionTime;
  const textBytes = load<u32>(group, Group.textBytes) + load<u32>(state, Field.textBytes);
  store<u32>(group, load<u32>(group, Group.count) + 1, Group.count);
  store<u32>(group, textBytes, Group.textBytes);
  if (timestamp < load<f64>(group, Group.earliestEpochMs)) {
    store<f64>(group, timestamp, Group.earliestEpochMs);
  }
  if (timestamp > load<f64>(group, Group.latestEpochMs)) {
    store<f64>(group, timestamp, Group.latestEpochMs);
  }
  if (ingestionTime > load<f64>(group, Group.latestIngestionEpochMs)) {
    store<f64>(group, ingestionTime, Group.latestIngestionEpochMs);
  }
  if (visible > load<f64>(group, Group.latestVisibleEpochMs)) {
    store<f64>(group, visible, Group.latestVisibleEpochMs);
  }
}
