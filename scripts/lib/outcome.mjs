// How a script ends: its exit status, with the reason said once.

import { UsageError } from './options.mjs';
import { StepFailure, writeError } from './report.mjs';
import { stopChildrenWithUs, stopStatus } from './run.mjs';

/**
 * Runs a script's body and ends the process: 0 done, 1 failed, 2 not understood, 128 + signal where it was stopped.
 * @param {() => Promise<number>} body gives the exit status
 */
export async function finish(body) {
  stopChildrenWithUs();
  let status;
  try {
    status = await body();
  } catch (error) {
    if (error instanceof UsageError) {
      writeError(`${error.message}\n`);
      status = 2;
    } else {
      // A step has said its failure already. Anything else is a mistake in these scripts and shows its place.
      if (!(error instanceof StepFailure)) writeError(`${error.stack}\n`);
      status = 1;
    }
  }
  process.exit(stopStatus() ?? status);
}
