import { spawn } from "node:child_process";

/**
 * Lets robots sit at the places of a contest; call the answer to send them home.
 * Only where the server is ours (tests/e2e_server.py); elsewhere nobody comes.
 */
export function robotsAt(contestId: string, count: number): (() => void) | undefined {
  const { CCSS_PROGRAM, CCSS_DATA, CCSS_URL } = process.env;
  if (!CCSS_PROGRAM || !CCSS_DATA || !CCSS_URL) return undefined;
  const said = ["--data", CCSS_DATA, "--url", CCSS_URL, "--contest", contestId];
  const how = ["--count", `${count}`, "--pace", "0.4", "--no-recordings"];
  const robots = spawn(CCSS_PROGRAM, ["robots", ...said, ...how], { stdio: ["pipe", "ignore", "inherit"] });
  // The end of their standard input is the end of them, also when this process dies.
  return () => void robots.stdin.end();
}
