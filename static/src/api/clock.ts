interface Sample {
  base: number;
  rtt: number;
}

const KEPT = 12;
const SLACK_MS = 50;

/** Server time on a monotonic clock; the offset is that of the ping with the least round trip. */
export class ServerClock {
  private samples: Sample[] = [];

  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  get known(): boolean {
    return this.samples.length > 0;
  }

  /** Half of the best round trip: how far the estimate may be off. */
  get uncertainty(): number {
    return this.known ? this.best.rtt / 2 : Infinity;
  }

  /** The best round trip so far, whole ms. */
  get roundTrip(): number | null {
    return this.known ? Math.round(this.best.rtt) : null;
  }

  /** One answered probe: sent and received on the monotonic clock, the server's time in between. */
  add(sent: number, received: number, serverMs: number): void {
    const sample = { base: serverMs - (sent + received) / 2, rtt: Math.max(0, received - sent) };
    // A machine that slept has a monotonic clock that stood still: everything older is wrong then.
    if (this.known && Math.abs(sample.base - this.best.base) > (sample.rtt + this.best.rtt) / 2 + SLACK_MS)
      this.samples = [];
    this.samples.push(sample);
    if (this.samples.length > KEPT) this.samples.shift();
  }

  /** UTC epoch ms at the server; the machine's own clock is never asked. */
  now(): number {
    return this.known ? Math.round(this.monotonic() + this.best.base) : 0;
  }

  private get best(): Sample {
    return this.samples.reduce((a, b) => (b.rtt < a.rtt ? b : a));
  }
}
