/** How a request reached the web server. */
type WebRoute = 'REST API' | 'web interface';

/** Requests in gunicorn's and uvicorn's access lines, and in Airflow's own since 3.2. */
const requestLines = [
  /"(?:GET|POST|PUT|PATCH|DELETE) ([^ "]+)/,
  /\bmethod\W{1,5}(?:GET|POST|PUT|PATCH|DELETE)\b.{0,200}\bpath\W{1,5}([^\s"',]+)/,
];

/**
 * Reads the route from an access line; undefined when it is none. REST lives under `/api/v1` and,
 * for FAB's part, `/auth/fab/v1` (Airflow 2.8 on); everything else is the web interface.
 */
export function webRouteOf(message: string): WebRoute | undefined {
  for (const pattern of requestLines) {
    const path = pattern.exec(message)?.[1]?.split('?')[0];
    if (path !== undefined) return /\/v\d+(?:\/|$)/.test(path) ? 'REST API' : 'web interface';
  }
  return undefined;
}
