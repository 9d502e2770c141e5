// A bound for what an endpoint tells of the agents it serves. One that connects again and again, or a guest that starts again and
// again, must not fill the log.

/** Lines that an endpoint tells in its life. */
export const REPORTS_PER_ENDPOINT = 256;

/** Hands lines on to `report` as long as there are not too many; the last one says so. */
export function boundReports(report: (text: string) => void): (text: string) => void {
  let left = REPORTS_PER_ENDPOINT;
  return (text) => {
    if (left === 0) return;
    left--;
    report(left > 0 ? text : `${text}; no more is told of what goes wrong here`);
  };
}
