import { formatTime } from '../components/format-time.js';

interface Explained {
  readonly runId: string;
  readonly workflowName: string;
  readonly version: number;
  readonly summary: string;
}

const ISO_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/**
 * The sentence of an explanation for the page of the run itself: the page says already which run it is, and its times are
 * in the reader's own time zone. Pure but for that zone.
 */
export function explainText({ runId, workflowName, version, summary }: Explained): string {
  const whose = `Run ${runId} of ${workflowName}@${version} `;
  const own = summary.startsWith(whose) ? `This run ${summary.slice(whose.length)}` : summary;
  return own.replace(ISO_TIME, (time) => formatTime(Date.parse(time)));
}
