import { createLog, describeError } from '../common/log.ts';
import { deadlineIn } from '../common/time.ts';
import { isTestEvent, publishTest, type TestReport } from '../notify/test-finding.ts';
import { createHandler, type Monitor } from './create-handler.ts';
import type { SkippedTick, TickReport } from './tick-report.ts';

type EntryHandler = (
  event: unknown,
  context: { getRemainingTimeInMillis(): number },
) => Promise<TickReport | SkippedTick | TestReport>;

/** After the publish: for the runtime to return the report. */
const exitReserveMs = 2_000;

/**
 * Creates the Lambda's handler: each scheduled event runs one tick, and a test event publishes a test
 * finding, which neither needs nor changes the ledger.
 *
 * @param loadMonitor called at the first invocation of a container, and again only if it failed
 */
export function createEntry(loadMonitor: () => Promise<Monitor>): EntryHandler {
  let monitor: Monitor | undefined;
  const load = async () => {
    monitor ??= await loadMonitor();
    return monitor;
  };
  const runTick = createHandler(load);
  return async (event, context) => {
    if (!isTestEvent(event)) return runTick(event, context);
    const shell = await load();
    const { clock, config, timer, writeLine } = shell;
    const log = createLog(writeLine, clock, { environment: config.mwaaEnvironment });
    const deadline = deadlineIn(timer, context.getRemainingTimeInMillis() - exitReserveMs);
    try {
      return await publishTest({ ...shell, log }, event, deadline);
    } catch (error) {
      log('error', 'test-failed', { error: describeError(error) });
      throw error;
    }
  };
}
